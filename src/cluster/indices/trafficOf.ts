// GET /INDEX/_stats/search,indexing: the searches and writes of other clients. The engine also counts
// twindex's searches as a group of their own, so they can be subtracted.
import type { Cluster } from '../cluster.js';
import { OWN_SEARCHES } from '../guardedReads.js';

/** The number of requests of one kind, and the total time that the engine needed for them. */
export interface Served {
  readonly count: number;
  readonly ms: number;
}

/** Counters since the copies of the shards started. A copy that moves to another node starts at zero. */
export interface Traffic {
  /** A search counts once for each shard that it reads. */
  readonly searches: Served;
  /**
   * Writes and deletes on the primaries. All of them are by clients, since twindex never writes to the index
   * that it copies.
   */
  readonly writes: Served;
}

interface Searches {
  readonly query_total?: number;
  readonly query_time_in_millis?: number;
  readonly fetch_time_in_millis?: number;
}

interface Answer {
  readonly _all?: {
    readonly total?: { readonly search?: Searches & { readonly groups?: Record<string, Searches> } };
    readonly primaries?: {
      readonly indexing?: {
        readonly index_total?: number;
        readonly index_time_in_millis?: number;
        readonly delete_total?: number;
        readonly delete_time_in_millis?: number;
      };
    };
  };
}

export async function trafficOf(cluster: Cluster, index: string, signal?: AbortSignal): Promise<Traffic> {
  const { _all: { total, primaries } = {} } = await cluster.connection.json<Answer>({
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_stats/search,indexing`,
    query: { groups: OWN_SEARCHES, filter_path: '_all.total.search,_all.primaries.indexing' },
    signal,
  });
  const all = servedBy(total?.search);
  const own = servedBy(total?.search?.groups?.[OWN_SEARCHES]);
  const {
    index_total = 0,
    index_time_in_millis = 0,
    delete_total = 0,
    delete_time_in_millis = 0,
  } = primaries?.indexing ?? {};
  return {
    searches: { count: all.count - own.count, ms: all.ms - own.ms },
    writes: { count: index_total + delete_total, ms: index_time_in_millis + delete_time_in_millis },
  };
}

function servedBy({
  query_total = 0,
  query_time_in_millis = 0,
  fetch_time_in_millis = 0,
}: Searches = {}): Served {
  return { count: query_total, ms: query_time_in_millis + fetch_time_in_millis };
}
