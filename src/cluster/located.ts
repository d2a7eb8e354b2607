// An index, and the cluster that it is in: the two indexes of a migration may be in two.
import type { Cluster } from './cluster.js';

export interface Located {
  readonly cluster: Cluster;
  readonly index: string;
}
