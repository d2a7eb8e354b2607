// Live documents of an index (nested ones are not counted). The name must be an index: an alias may filter.
import type { Cluster } from '../cluster.js';
import { count } from '../guardedReads.js';

export async function countDocuments(cluster: Cluster, index: string): Promise<number> {
  return await count(cluster, index);
}
