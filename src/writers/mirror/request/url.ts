// Splits a request's target as the engines do, and refuses it if an intermediary might split it differently.
import { isUtf8 } from 'node:buffer';

export type Params = Readonly<Record<string, string>>;

interface Malformed {
  readonly reason: string;
}

/** Counts empty segments except at the end, as the engines do: `//_refresh` is for all indexes. */
export function readSegments(
  path: string,
): { readonly raw: readonly string[]; readonly decoded: readonly string[] } | Malformed {
  if (!path.startsWith('/')) return { reason: 'the target of the request does not begin with a slash' };
  if (!/^[!-~]*$/.test(path) || /[\\#]/.test(path))
    return { reason: 'the path contains characters that have to be percent-encoded' };
  const raw = path.slice(1).split('/');
  while (raw.length > 0 && raw.at(-1) === '') raw.pop();
  const decoded: string[] = [];
  for (const [at, segment] of raw.entries()) {
    const text = decode(segment, false);
    if (text === undefined) return { reason: `the path is not percent-encoded UTF-8: ${segment}` };
    if (text === '.' || text === '..') return { reason: 'the path contains a segment of only dots' };
    const problem = at < 2 && segment.includes('%') ? wordProblem(text, at) : undefined;
    if (problem) return { reason: problem };
    decoded.push(text);
  }
  return { raw, decoded };
}

/** Matches `<logs-{now/d}>` in a list of names. Only date math may contain a slash or a backslash. */
const DATE_MATH = /(?<=^|,|,-)<[^<>\p{Cc},]*\{[^<>\p{Cc}]*\}[^<>\p{Cc},]*>(?=,|::|$)/gu;

/** Checks the index name and the API name. An id may contain anything. */
function wordProblem(text: string, at: number): string | undefined {
  const names = at === 0 ? text.replaceAll(DATE_MATH, '') : text;
  if (/[\p{Cc}/\\]/u.test(names)) return 'the name of an index contains a slash or a control character';
  if (text.startsWith('_') && !(at === 0 && text === '_all')) return 'the name of an API is percent-encoded';
  return undefined;
}

/** The query's parameters. If one is repeated, the last value counts. */
export function readParams(query: string): { readonly values: Params } | Malformed {
  const values = Object.create(null) as Record<string, string>;
  if (query === '') return { values };
  if (!/^[!-~]*$/.test(query) || query.includes('#'))
    return { reason: 'the query contains characters that have to be percent-encoded' };
  for (const pair of query.split(/[&;]/)) {
    const equals = pair.indexOf('=');
    // the engine reads `=a` as a parameter `a`
    const [name, value] =
      equals > 0 ? [pair.slice(0, equals), pair.slice(equals + 1)] : [pair.slice(equals + 1), ''];
    if (name === '') continue;
    const [decodedName, decodedValue] = [decode(name, true), decode(value, true)];
    if (decodedName === undefined || decodedValue === undefined)
      return { reason: `the query is not percent-encoded UTF-8: ${pair}` };
    values[decodedName] = decodedValue;
  }
  return { values };
}

function decode(text: string, plusIsSpace: boolean): string | undefined {
  const plain = plusIsSpace ? text.replaceAll('+', ' ') : text;
  if (!plain.includes('%')) return plain;
  if (/%(?![0-9a-fA-F]{2})/.test(plain)) return undefined;
  const bytes = Buffer.from(
    plain.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  return isUtf8(bytes) ? bytes.toString() : undefined;
}
