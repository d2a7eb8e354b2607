// Recognises the names of twindex's own indexes and aliases, which no client may ever change.
import { JOURNAL, QUERIES } from '../../../protocol/names.js';
import { splitExpression } from '../../../cluster/indexExpression.js';

/** The names of twindex's aliases (tokens, feeds, generations) and ledgers begin with these prefixes. */
const PREFIXES = ['twindex.', 'twindex-ledger-'] as const;
const BEGINNINGS = [JOURNAL, QUERIES, ...PREFIXES] as const;
const COMMON_PREFIX = 'twindex';
const SUSPICIOUS = /twindex|</;

function isOwn(name: string): boolean {
  return name === JOURNAL || name === QUERIES || PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** @param hidden whether wildcards find hidden indexes. `twindex*` is always assumed to find them */
export function reachesOwn(expression: string | undefined, hidden = false): boolean {
  // A cheap check, since this runs for every operation of a bulk. If wildcards find no hidden indexes, only
  // an expression with `twindex` or with date math (`<`) can stand for one of twindex's names.
  if (!hidden && !SUSPICIOUS.test(expression ?? '')) return false;
  const parts = splitExpression(expression);
  const isSpared = parts.some(({ text, excludes }) => excludes && covers(text));
  return parts.some(({ text, wildcard, excludes, pattern }) => {
    if (excludes) return false;
    if (pattern) return mayBe(text, hidden);
    if (!wildcard) return isOwn(text);
    const begins = text.slice(0, text.indexOf('*'));
    if (isSpared) return false;
    return begins.startsWith(COMMON_PREFIX) || (hidden && COMMON_PREFIX.startsWith(begins));
  });
}

/** Matches wildcards such as `twindex*` and `t*`. */
const covers = (text: string): boolean =>
  text.indexOf('*') === text.length - 1 && COMMON_PREFIX.startsWith(text.slice(0, -1));

/**
 * Whether date math may stand for one of twindex's names. The engine fills in the date first, then applies
 * the wildcards. A wildcard finds hidden indexes only if `hidden` is set or the name begins with `twindex`.
 */
function mayBe(text: string, hidden: boolean): boolean {
  const begins = (text.slice(1).split(/[{*]/)[0] as string).replaceAll('\\', '');
  const isQuoted = text.includes("'");
  const isWildcard = text.includes('*') && (hidden || begins.startsWith(COMMON_PREFIX));
  return BEGINNINGS.some(
    (own) => begins.startsWith(own) || ((isQuoted || isWildcard) && own.startsWith(begins)),
  );
}

export const ownReason = (name: string): string =>
  `[${name}] belongs to twindex, which needs it for its migrations: it can't be changed through the gateway or the client library`;
