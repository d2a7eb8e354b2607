// An index, and the cluster that it is in: the two indexes of a migration may be in two.
import type { Cluster } from './cluster.js';

/** The cluster that twindex is configured with, or the one that indexes come from (`Cluster.source`). */
export type ClusterSide = 'target' | 'source';

export interface IndexRef {
  readonly cluster: Cluster;
  readonly index: string;
}
