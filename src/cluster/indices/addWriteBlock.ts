// PUT /INDEX/_block/write
import type { Cluster } from '../cluster.js';

/** Returns when new writes are refused and the writes in flight have ended. The request is never retried. */
export async function addWriteBlock(cluster: Cluster, index: string, timeoutMs: number): Promise<void> {
  await cluster.connection.json({
    method: 'PUT',
    path: `/${encodeURIComponent(index)}/_block/write`,
    query: { timeout: `${timeoutMs}ms` },
    timeoutMs: timeoutMs + 2_000,
    repeat: 'never',
  });
}
