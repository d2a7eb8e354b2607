// POST /INDEX/_open
import type { Cluster } from '../cluster.js';

/** Opens an index, and waits until its primaries have started. Does nothing if the index is open. */
export async function openIndex(cluster: Cluster, index: string): Promise<void> {
  await cluster.connection.json({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_open`,
    query: { wait_for_active_shards: 1 },
    repeat: 'never',
  });
}
