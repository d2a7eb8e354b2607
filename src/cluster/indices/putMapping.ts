// PUT /INDEX/_mapping
import type { Cluster } from '../cluster.js';

export async function putMapping(cluster: Cluster, index: string, mappings: object): Promise<void> {
  await cluster.connection.json({
    method: 'PUT',
    path: `/${encodeURIComponent(index)}/_mapping`,
    body: mappings,
    repeat: 'never',
  });
}
