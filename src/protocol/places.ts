// In which cluster the indexes of a migration are. The journal, its ledgers and the target are always in the cluster that
// twindex is configured with; the source may be in another one.
import type { Cluster } from '../cluster/cluster.js';
import type { Located, Where } from '../cluster/located.js';
import { TwindexError } from '../errors.js';
import { type MigrationRecord, other, type Side } from './record.js';

type Placed = Pick<MigrationRecord, 'name' | 'source' | 'target' | 'sourceCluster'>;

export const whereIs = ({ sourceCluster }: Pick<MigrationRecord, 'sourceCluster'>, side: Side): Where =>
  side === 'target' || sourceCluster === null ? 'here' : 'source';

/**
 * @param cluster the journal's
 * @throws TwindexError `config_invalid` where the source is in another cluster, and no other one is configured
 */
export function placeOf(cluster: Cluster, record: Placed, side: Side): Located {
  const { index } = record[side];
  if (whereIs(record, side) === 'here') return { cluster, index };
  if (cluster.source) return { cluster: cluster.source, index };
  throw new TwindexError(
    'config_invalid',
    `${index}, which ${record.name} is migrated from, is in another cluster, and the configuration has no \`source\` with its ` +
      'nodes. Put it back: it is needed until the migration is finalized or aborted.',
  );
}

/** Of one of its two indexes; everything else that a migration has is in the journal's cluster. */
export const clusterOf = (cluster: Cluster, record: Placed, index: string): Cluster =>
  placeOf(cluster, record, index === record.source.index ? 'source' : 'target').cluster;

/** Source and target are in two clusters: nothing can be changed in both at once. */
export const isBetweenClusters = ({ sourceCluster }: Pick<MigrationRecord, 'sourceCluster'>): boolean =>
  sourceCluster !== null;

export const leaderOf = (cluster: Cluster, record: MigrationRecord): Located =>
  placeOf(cluster, record, record.leader);

export const followerOf = (cluster: Cluster, record: MigrationRecord): Located =>
  placeOf(cluster, record, other(record.leader));
