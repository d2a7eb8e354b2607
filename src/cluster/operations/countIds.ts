// POST /INDEX/_search?size=0 with an ids query: how many documents have one of these ids, as of the last refresh.
import { TwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

export async function countIds(cluster: Cluster, index: string, ids: readonly string[]): Promise<number> {
  const answer = await cluster.connection.json<{
    hits: { total: { value: number } };
    _shards: { failed: number };
  }>({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_search`,
    query: { filter_path: 'hits.total,_shards.failed', allow_partial_search_results: false },
    body: { size: 0, track_total_hits: true, query: { bool: { filter: { ids: { values: ids } } } } },
    repeat: 'always',
  });
  if (answer._shards.failed > 0)
    throw new TwindexError('overloaded', `a search of ${index} had failing shards`);
  return answer.hits.total.value;
}
