// GET /INDEX/_stats/search: whether an index is still read.
import type { Cluster } from '../cluster.js';

export interface SearchCounters {
  /** Open scrolls, open points in time, and searches in progress. */
  readonly openContexts: number;
  /** Searches, suggestions and gets since each shard started. */
  readonly reads: number;
}

export async function searchCounters(cluster: Cluster, index: string): Promise<SearchCounters> {
  const answer = await cluster.connection.json<{
    indices?: Record<string, { total: { search: Record<string, number>; get: { total: number } } }>;
  }>({ method: 'GET', path: `/${encodeURIComponent(index)}/_stats/search,get`, repeat: 'always' });
  const total = answer.indices?.[index]?.total;
  const search = total?.search ?? {};
  return {
    openContexts: (search['open_contexts'] ?? 0) + (search['point_in_time_current'] ?? 0),
    reads: (search['query_total'] ?? 0) + (search['suggest_total'] ?? 0) + (total?.get.total ?? 0),
  };
}
