// POST /INDEX/_search that costs about as much as a reader's: how long it takes is how the readers fare.
import type { Cluster } from '../cluster.js';
import { search } from '../guardedReads.js';

/** A search that looks at less is over before it meets with what else the engine does. */
const DOCUMENTS = 5_000;

/**
 * A search of one shard. It gives so many documents a score, from nothing that depends on the mapping.
 * @returns milliseconds until the answer was there
 */
export async function probeSearch(
  cluster: Cluster,
  { index, shard }: { readonly index: string; readonly shard: number },
  signal?: AbortSignal,
): Promise<number> {
  const began = performance.now();
  await search(cluster, {
    index,
    // not the request cache: it would tell nothing
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
