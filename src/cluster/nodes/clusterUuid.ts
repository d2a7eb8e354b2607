// GET /_cluster/state: the cluster's UUID. Unlike its name and address, it never changes.
import type { Cluster } from '../cluster.js';

export async function clusterUuid(cluster: Cluster): Promise<string> {
  const { cluster_uuid: uuid } = await cluster.connection.json<{ cluster_uuid: string }>({
    method: 'GET',
    path: '/_cluster/state/version',
    query: { filter_path: 'cluster_uuid' },
    repeat: 'always',
  });
  return uuid;
}
