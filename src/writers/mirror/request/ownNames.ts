// The names of twindex's own indexes and aliases. No client may change them, whether or not a migration runs.
import { JOURNAL, QUERIES } from '../../../protocol/names.js';
import { splitExpression } from '../../../cluster/indexExpression.js';

/** Aliases (tokens, feeds, generations), and ledgers. */
const PREFIXES = ['twindex.', 'twindex-ledger-'] as const;
const BEGINNINGS = [JOURNAL, QUERIES, ...PREFIXES] as const;
/** The beginning of all these names. */
const COMMON = 'twindex';
const SUSPICIOUS = /twindex|</;

function isOwn(name: string): boolean {
  return name === JOURNAL || name === QUERIES || PREFIXES.some((prefix) => name.startsWith(prefix));
}

/**
 * Whether an expression of indexes or aliases may mean one of twindex's own.
 * @param hidden from `expand_wildcards`: a wildcard finds hidden indexes, as twindex's are, only if this is set. A wildcard that
 * begins like them counts in any case
 */
export function reachesOwn(expression: string | undefined, hidden = false): boolean {
  // This runs for every document of a bulk. Without date math, only a text with the common beginning can mean them.
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

/** `twindex*`, `t*` */
const covers = (text: string): boolean =>
  text.indexOf('*') === text.length - 1 && COMMON.startsWith(text.slice(0, -1));

/**
 * Whether date math may give one of the names: by the text before the date, by quoted text in the format of the date, or by a
 * wildcard, which the engine applies after it has filled in the date, with the usual rule for hidden indexes.
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
