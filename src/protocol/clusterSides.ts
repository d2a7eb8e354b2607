// Finds the cluster of each index of a migration. The journal, the ledgers and the target are always in the
// main cluster of the configuration. The source may be in another cluster (`source` in the configuration).
import type { Cluster } from '../cluster/cluster.js';
import type { IndexRef, ClusterSide } from '../cluster/indexRef.js';
import { TwindexError } from '../errors.js';
import { type MigrationRecord, other, type Side } from './record.js';

type Sides = Pick<MigrationRecord, 'name' | 'source' | 'target' | 'sourceCluster'>;

export const clusterSideOf = (
  { sourceCluster }: Pick<MigrationRecord, 'sourceCluster'>,
  side: Side,
): ClusterSide => (side === 'target' || sourceCluster === null ? 'target' : 'source');

/** @throws TwindexError `config_invalid` if the index is in a cluster that is not configured */
export function indexRefOf(cluster: Cluster, record: Sides, side: Side): IndexRef {
  const { index } = record[side];
  if (clusterSideOf(record, side) === 'target') return { cluster, index };
  if (cluster.source) return { cluster: cluster.source, index };
  throw new TwindexError(
    'config_invalid',
    `${index}, the old index of ${record.name}, is in another cluster, but the configuration has no \`source\` with the nodes of that cluster. ` +
      'Add it again: it is needed until the migration is finalized or aborted.',
  );
}

export const clusterOf = (cluster: Cluster, record: Sides, index: string): Cluster =>
  indexRefOf(cluster, record, index === record.source.index ? 'source' : 'target').cluster;

/** Whether source and target are in two clusters, so that no single call can change both. */
export const isBetweenClusters = ({ sourceCluster }: Pick<MigrationRecord, 'sourceCluster'>): boolean =>
  sourceCluster !== null;

export const leaderOf = (cluster: Cluster, record: MigrationRecord): IndexRef =>
  indexRefOf(cluster, record, record.leader);

export const followerOf = (cluster: Cluster, record: MigrationRecord): IndexRef =>
  indexRefOf(cluster, record, other(record.leader));
