// An index with the cluster that it is in: the two indexes of a migration may be in different clusters.
import type { Cluster } from './cluster.js';

/** `target`: the cluster that twindex is configured with. `source`: the one that indexes come from (`Cluster.source`). */
export type ClusterSide = 'target' | 'source';

export interface IndexRef {
  readonly cluster: Cluster;
  readonly index: string;
}
