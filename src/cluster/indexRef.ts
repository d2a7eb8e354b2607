// An index with its cluster. The two indexes of a migration may be in different clusters.
import type { Cluster } from './cluster.js';

/** `target`: the cluster in `cluster` of the configuration. `source`: the other one (`Cluster.source`). */
export type ClusterSide = 'target' | 'source';

export interface IndexRef {
  readonly cluster: Cluster;
  readonly index: string;
}
