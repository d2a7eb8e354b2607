// POST /INDEX/_search as a reader's would be: how long it takes is how the readers fare.
import type { Cluster } from '../cluster.js';

/** @returns milliseconds until the answer was there */
export async function probeSearch(cluster: Cluster, index: string, signal?: AbortSignal): Promise<number> {
  const began = performance.now();
  await cluster.connection.json({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_search`,
    // not the request cache: it would tell nothing
    query: { request_cache: false },
    body: { size: 10, query: { match_all: {} } },
    timeoutMs: 10_000,
    signal,
  });
  return performance.now() - began;
}
