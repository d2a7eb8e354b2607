// POST /INDEX/_search?size=0 with a filter per group of ids: how many documents of each there are, in one request.
import { TwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

interface Answer {
  readonly aggregations: { readonly groups: { readonly buckets: readonly { readonly doc_count: number }[] } };
  readonly _shards: { readonly failed: number };
}

/** As of the last refresh. An id that two documents with different routings share counts twice. */
export async function countIdGroups(
  cluster: Cluster,
  index: string,
  groups: readonly (readonly string[])[],
): Promise<number[]> {
  const filters = groups.map((values) => ({ ids: { values } }));
  const answer = await cluster.connection.json<Answer>({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_search`,
    query: { filter_path: 'aggregations,_shards.failed', allow_partial_search_results: false },
    body: { size: 0, track_total_hits: false, aggs: { groups: { filters: { filters } } } },
    repeat: 'always',
  });
  if (answer._shards.failed > 0)
    throw new TwindexError('overloaded', `a search of ${index} had failing shards`);
  return answer.aggregations.groups.buckets.map((bucket) => bucket.doc_count);
}
