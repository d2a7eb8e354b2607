// GET /_cluster/state: the UUID of the cluster, which never changes, unlike its name and address.
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
