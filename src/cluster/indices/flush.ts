// POST /INDEX/_flush: writes all acknowledged operations to disk.
import type { Cluster } from '../cluster.js';

export async function flush(cluster: Cluster, index: string): Promise<void> {
  await cluster.connection.json({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_flush`,
    repeat: 'always',
  });
}
