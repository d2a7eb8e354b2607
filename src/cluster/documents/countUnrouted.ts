// Live documents that were written without a routing. As the last refresh shows them.
import type { Cluster } from '../cluster.js';
import { count } from '../guardedReads.js';

export async function countUnrouted(cluster: Cluster, index: string): Promise<number> {
  return await count(cluster, index, { bool: { must_not: { exists: { field: '_routing' } } } });
}
