// Counts the live documents of an index (not an alias, which may have a filter), without nested ones.
import type { Cluster } from '../cluster.js';
import { count } from '../guardedReads.js';

export async function countDocuments(cluster: Cluster, index: string): Promise<number> {
  return await count(cluster, index);
}
