// POST /INDEX/_search?size=0 with a filter for each group of ids: counts the documents of all groups at once.
import type { Cluster } from '../cluster.js';
import { searchJson } from '../guardedReads.js';

interface Answer {
  readonly aggregations: { readonly groups: { readonly buckets: readonly { readonly doc_count: number }[] } };
}

/** Counts as of the last refresh. Two documents that have the same id and different routings count twice. */
export async function countIdGroups(
  cluster: Cluster,
  index: string,
  groups: readonly (readonly string[])[],
): Promise<number[]> {
  const filters = groups.map((values) => ({ ids: { values } }));
  const answer = await searchJson<Answer>(cluster, {
    index,
    query: { filter_path: 'timed_out,_shards,aggregations' },
    body: { size: 0, track_total_hits: false, aggs: { groups: { filters: { filters } } } },
    source: false,
  });
  return answer.aggregations.groups.buckets.map((bucket) => bucket.doc_count);
}
