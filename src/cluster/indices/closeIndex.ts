// POST /INDEX/_close
import type { Cluster } from '../cluster.js';

export async function closeIndex(cluster: Cluster, index: string): Promise<void> {
  await cluster.connection.json({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_close`,
    query: { wait_for_active_shards: 0 },
    repeat: 'never',
  });
}
