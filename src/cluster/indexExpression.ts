// Parses index expressions as the engines do: lists, wildcards, exclusions, date math and selectors.

export interface Expression {
  readonly text: string;
  readonly wildcard: boolean;
  /** True for `-logs-*` after a wildcard. In other places, the engine reads the `-` as part of the name. */
  readonly excludes: boolean;
  /** Only for date math: matches the names that the expression may resolve to. */
  readonly pattern?: (name: string) => boolean;
}

const ALL: Expression = { text: '*', wildcard: true, excludes: false };

/** Splits an expression at its commas. If it is undefined, empty or `_all`, it means all indexes. */
export function splitExpression(expression: string | undefined): Expression[] {
  if (expression === undefined || expression === '' || expression === '_all') return [ALL];
  const parts = expression.split(',').filter((part) => part !== '');
  if (parts.length === 0) return [ALL];
  let wildcardBefore = false;
  return parts.map((part): Expression => {
    const excludes = wildcardBefore && part.startsWith('-');
    const text = withoutSelector(excludes ? part.slice(1) : part);
    const name = readName(text);
    if (name.type === 'pattern') return { text, wildcard: false, excludes: false, pattern: name.matches };
    const wildcard = text.includes('*') || (text === '_all' && !excludes); // -_all excludes nothing
    wildcardBefore ||= wildcard && !part.startsWith('-');
    return { text: text === '_all' && wildcard ? '*' : name.name, wildcard, excludes };
  });
}

function withoutSelector(text: string): string {
  const at = text.indexOf('::');
  return at > 0 ? text.slice(0, at) : text;
}

export function matchesWildcard(pattern: string, name: string): boolean {
  const pieces = pattern.split('*');
  const [first = '', ...rest] = pieces;
  if (!name.startsWith(first)) return false;
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

export type Name =
  | { readonly type: 'name'; readonly name: string }
  /** Date math such as `<logs-{now/d}>`. Its date can become any text, as a format may have quotes (`{now{'v1'}}`). */
  | { readonly type: 'pattern'; readonly matches: (name: string) => boolean };

/** Reads a single name. Date math without a date, such as `<logs>`, becomes its text (`logs`), as in the engine. */
export function readName(text: string): Name {
  if (text.length < 2 || !text.startsWith('<') || !text.endsWith('>')) return { type: 'name', name: text };
  const inner = text.slice(1, -1);
  let pattern = '';
  let hasDate = false;
  let depth = 0;
  for (let at = 0; at < inner.length; at++) {
    const character = inner[at] as string;
    if (character === '\\' && at + 1 < inner.length) {
      at++;
      if (depth === 0) pattern += inner[at];
    } else if (character === '{') {
      if (depth++ === 0) pattern += '*';
      hasDate = true;
    } else if (character === '}') {
      depth--;
    } else if (depth === 0) {
      pattern += character;
    }
  }
  if (!hasDate) return { type: 'name', name: pattern };
  return { type: 'pattern', matches: (name) => matchesWildcard(pattern, name) };
}
