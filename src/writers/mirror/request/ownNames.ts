// The names of twindex's own indexes and aliases. No client may change them, whether or not a migration runs.
import { JOURNAL, QUERIES } from '../../../protocol/names.js';
import { splitExpression } from '../../../cluster/indexExpression.js';

/** Prefixes of aliases (tokens, feeds, generations) and of ledgers. */
const PREFIXES = ['twindex.', 'twindex-ledger-'] as const;
const BEGINNINGS = [JOURNAL, QUERIES, ...PREFIXES] as const;
/** The beginning of all these names. */
const COMMON = 'twindex';
const SUSPICIOUS = /twindex|</;

function isOwn(name: string): boolean {
  return name === JOURNAL || name === QUERIES || PREFIXES.some((prefix) => name.startsWith(prefix));
}

/**
 * Whether an expression may mean one of twindex's own indexes or aliases.
 * @param hidden whether wildcards find hidden indexes (`expand_wildcards`). `twindex*` may always mean them
 */
export function reachesOwn(expression: string | undefined, hidden = false): boolean {
  // this runs for every document of a bulk: without date math, only a text with `twindex` can mean them
  if (!hidden && !SUSPICIOUS.test(expression ?? '')) return false;
  const parts = splitExpression(expression);
  const isSpared = parts.some(({ text, excludes }) => excludes && covers(text));
  return parts.some(({ text, wildcard, excludes, pattern }) => {
    if (excludes) return false;
    if (pattern) return mayBe(text, hidden);
    if (!wildcard) return isOwn(text);
    const begins = text.slice(0, text.indexOf('*'));
    if (isSpared) return false;
    return begins.startsWith(COMMON) || (hidden && COMMON.startsWith(begins));
  });
}

/** Matches wildcards such as `twindex*` and `t*`. */
const covers = (text: string): boolean =>
  text.indexOf('*') === text.length - 1 && COMMON.startsWith(text.slice(0, -1));

/**
 * Whether date math may give one of twindex's names: the text before the date begins with it, or quoted text
 * in the date's format or a wildcard may complete it. The engine applies a wildcard after filling in the
 * date, and finds hidden indexes by it only if `hidden` is set or the text begins with `twindex`.
 */
function mayBe(text: string, hidden: boolean): boolean {
  const begins = (text.slice(1).split(/[{*]/)[0] as string).replaceAll('\\', '');
  const isQuoted = text.includes("'");
  const isWildcard = text.includes('*') && (hidden || begins.startsWith(COMMON));
  return BEGINNINGS.some(
    (own) => begins.startsWith(own) || ((isQuoted || isWildcard) && own.startsWith(begins)),
  );
}

export const ownReason = (name: string): string =>
  `[${name}] belongs to twindex, which keeps there what its migrations need: it can't be changed here`;
