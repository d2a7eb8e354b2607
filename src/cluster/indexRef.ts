// An index with its cluster. The two indexes of a migration may be in different clusters.
import type { Cluster } from './cluster.js';

/** `target`: the cluster that `cluster` in the configuration names. `source`: the cluster that `source` names. */
export type ClusterSide = 'target' | 'source';

export interface IndexRef {
  readonly cluster: Cluster;
  readonly index: string;
}
