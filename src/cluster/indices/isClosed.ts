// GET /_cluster/state/metadata: whether an index is closed, which its settings do not show.
import type { Cluster } from '../cluster.js';

export async function isClosed(cluster: Cluster, index: string): Promise<boolean> {
  const { metadata } = await cluster.connection.json<{
    metadata?: { indices?: Record<string, { state?: string }> };
  }>({
    method: 'GET',
    path: `/_cluster/state/metadata/${encodeURIComponent(index)}`,
    query: { filter_path: 'metadata.indices.*.state' },
    repeat: 'always',
  });
  return metadata?.indices?.[index]?.state === 'close';
}
