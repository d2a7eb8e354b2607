// Counts the live documents of an index, without nested ones. Do not pass an alias, which may have a filter.
import type { Cluster } from '../cluster.js';
import { count } from '../guardedReads.js';

export async function countDocuments(cluster: Cluster, index: string): Promise<number> {
  return await count(cluster, index);
}
