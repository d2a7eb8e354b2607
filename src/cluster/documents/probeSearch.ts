// POST /INDEX/_search, about as expensive as a user's search, to measure how slow users' searches are.
import type { Cluster } from '../cluster.js';
import { search } from '../guardedReads.js';

/** How many documents the search scores. A shorter search would end before other work could slow it down. */
const DOCUMENTS = 5_000;

/** Scores documents of one shard, whatever the mapping. @returns the time in ms */
export async function probeSearch(
  cluster: Cluster,
  { index, shard }: { readonly index: string; readonly shard: number },
  signal?: AbortSignal,
): Promise<number> {
  const began = performance.now();
  await search(cluster, {
    index,
    // a response from the request cache would hide the load
    query: { request_cache: false, preference: `_shards:${shard}` },
    body: {
      size: 10,
      terminate_after: DOCUMENTS,
      query: { function_score: { random_score: { seed: 1, field: '_seq_no' } } },
    },
    source: true,
    partial: true,
    repeat: 'never',
    timeoutMs: 10_000,
    signal,
  });
  return performance.now() - began;
}
