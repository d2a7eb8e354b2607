// The names that twindex keeps in a cluster. No client may change what is under them, whether or not a migration runs.
import { JOURNAL, QUERIES } from '../../../protocol/names.js';
import { splitExpression } from '../../../cluster/indexExpression.js';

/** Of aliases (tokens, feeds, generations), and of ledgers. */
const PREFIXES = ['twindex.', 'twindex-ledger-'] as const;
const BEGINNINGS = [JOURNAL, QUERIES, ...PREFIXES] as const;
/** All of them. */
const COMMON = 'twindex';
const SUSPICIOUS = /twindex|</;

function isOwn(name: string): boolean {
  return name === JOURNAL || name === QUERIES || PREFIXES.some((prefix) => name.startsWith(prefix));
}

/**
 * Whether an expression of indexes or aliases may mean one of them.
 * @param hidden as `expand_wildcards` says: only then a wildcard finds hidden indexes, which ours are. One that begins like
 *   them is meant for them, and counts all the same
 */
export function reachesOwn(expression: string | undefined, hidden = false): boolean {
  // Every document of a bulk is asked for. Without date math, only a text that holds what they have in common can mean them.
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
 * Date math. Letters other than those of dates are made by quoted text in its format, and by a wildcard, which counts after the
 * date was filled in, and so finds hidden indexes like any other.
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
