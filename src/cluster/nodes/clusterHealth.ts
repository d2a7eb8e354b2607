// GET /_cluster/health: the numbers of data nodes and shards.
import type { Cluster } from '../cluster.js';

export interface ClusterHealth {
  readonly status: 'green' | 'yellow' | 'red';
  readonly dataNodes: number;
  /** The number of copies of shards: active, initializing and unassigned. */
  readonly shards: number;
}

interface HealthAnswer {
  readonly status: ClusterHealth['status'];
  readonly number_of_data_nodes: number;
  readonly active_shards: number;
  readonly initializing_shards: number;
  readonly unassigned_shards: number;
}

export async function clusterHealth(cluster: Cluster): Promise<ClusterHealth> {
  const answer = await cluster.connection.json<HealthAnswer>({
    method: 'GET',
    path: '/_cluster/health',
    repeat: 'always',
  });
  return {
    status: answer.status,
    dataNodes: answer.number_of_data_nodes,
    shards: answer.active_shards + answer.initializing_shards + answer.unassigned_shards,
  };
}
