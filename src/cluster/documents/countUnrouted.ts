// Counts the live documents without a routing, as of the last refresh.
import type { Cluster } from '../cluster.js';
import { count } from '../guardedReads.js';

export async function countUnrouted(cluster: Cluster, index: string): Promise<number> {
  return await count(cluster, index, { bool: { must_not: { exists: { field: '_routing' } } } });
}
