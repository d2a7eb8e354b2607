// Sets the time limit for a node's answer by the kind of request: a day, for example, for a force merge.
// Pure.
type RequestKind = 'read' | 'write' | 'long';

/** Time limits in ms. */
export type AnswerTimes = Readonly<Record<RequestKind, number>>;

type Asked = { readonly method: string; readonly target: string };

/** APIs that only read, although they may be sent as a POST with a body. */
const READS = new Set(
  (
    '_search _msearch _count _async_search _sql _ppl _eql _esql _query _mget _explain _validate _field_caps _analyze ' +
    '_termvectors _mtermvectors _rank_eval _search_shards _knn_search _terms_enum'
  ).split(' '),
);

/** APIs whose answer comes only when all work is done, which may take hours. */
const LONG = new Set(
  (
    '_forcemerge _reindex _update_by_query _delete_by_query _shrink _split _clone _rollover _restore _snapshot ' +
    '_searchable_snapshots _tasks _open _close _flush _upgrade _execute _downsample'
  ).split(' '),
);

/** Parts of a path that come before the name of an API: `_plugins/_sql`. */
const PREFIXES = new Set(['_plugins', '_opendistro', '_xpack', '_enrich', '_cluster']);

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Added to a time-out that the request itself sets. */
const MARGIN_MS = 30_000;
/** The longest time of a timer in Node.js. */
const LONGEST_MS = 2 ** 31 - 1;

/** A cheap test for each request. Only if it matches is the path split. */
const MAY_BE_LONG = mayHold(LONG);
const MAY_BE_READ = mayHold(READS);

function mayHold(names: ReadonlySet<string>): RegExp {
  return new RegExp(`/(?:${[...names].join('|')})`);
}

export function kindOf({ method, target }: Asked): RequestKind {
  if (MAY_BE_LONG.test(target) && apiNames(target).some((name) => LONG.has(name))) return 'long';
  return onlyReads({ method, target }) ? 'read' : 'write';
}

/** Whether the request changes nothing. If so, it may be given up when its client has disconnected. */
export function onlyReads({ method, target }: Asked): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  return method === 'POST' && MAY_BE_READ.test(target) && apiNames(target).some((name) => READS.has(name));
}

export function answerMsOf(asked: Asked, times: AnswerTimes): number {
  const usual = times[kindOf(asked)];
  if (!asked.target.includes('timeout=')) return usual;
  return Math.min(LONGEST_MS, Math.max(usual, namedMs(asked.target)));
}

/** The words of the path that may be names of APIs. After `_doc`, for example, there is only an id. */
function apiNames(target: string): string[] {
  const query = target.indexOf('?');
  const parts = (query < 0 ? target : target.slice(0, query)).split('/').filter((part) => part !== '');
  const at = parts.findIndex((part) => part.startsWith('_'));
  if (at < 0 || at > 1) return [];
  const [api = '', ...more] = parts.slice(at);
  if (api === '_doc' || api === '_create' || api === '_update' || api === '_source') return [api];
  return PREFIXES.has(api) || api === '_snapshot' ? [api, ...more] : [api];
}

/** The longest of `timeout`, `master_timeout`, `wait_for_completion_timeout`, ... */
function namedMs(target: string): number {
  let longest = 0;
  for (const [, amount, unit = ''] of target.matchAll(/[?&](?:\w+_)?timeout=(\d{1,9})(ms|s|m|h|d)(?=&|$)/g))
    longest = Math.max(longest, Number(amount) * (UNITS[unit] ?? 0) + MARGIN_MS);
  return longest;
}
