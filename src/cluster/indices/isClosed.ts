// GET /_cluster/state/metadata: whether an index is closed. The settings of an index do not show that.
import type { Cluster } from '../cluster.js';

/**
 * False also when there is no such index.
 * @throws TwindexError
 */
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
