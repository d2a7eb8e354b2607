// GET /_cluster/health/INDEX
import type { Cluster } from '../cluster.js';

export interface IndexHealth {
  readonly status: 'green' | 'yellow' | 'red';
  readonly initializingShards: number;
  readonly relocatingShards: number;
  readonly unassignedShards: number;
}

export async function indexHealth(cluster: Cluster, index: string): Promise<IndexHealth> {
  const answer = await cluster.connection.json<{
    status: IndexHealth['status'];
    initializing_shards: number;
    relocating_shards: number;
    unassigned_shards: number;
  }>({
    method: 'GET',
    path: `/_cluster/health/${encodeURIComponent(index)}`,
    query: { timeout: '5s' },
    repeat: 'always',
  });
  return {
    status: answer.status,
    initializingShards: answer.initializing_shards,
    relocatingShards: answer.relocating_shards,
    unassignedShards: answer.unassigned_shards,
  };
}
