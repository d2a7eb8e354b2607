// GET /_cluster/health: how many data nodes and shards there are.
import type { Cluster } from '../cluster.js';

export interface ClusterHealth {
  readonly status: 'green' | 'yellow' | 'red';
  readonly dataNodes: number;
  /** Copies that exist or should exist: active, initializing and unassigned. */
  readonly shards: number;
}

interface HealthAnswer {
  readonly status: ClusterHealth['status'];
  readonly number_of_data_nodes: number;
  readonly active_shards: number;
  readonly initializing_shards: number;
  readonly unassigned_shards: number;
}

/** @throws TwindexError */
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
