// Makes the checks before a migration from another cluster begins or continues.
import type { Cluster } from '../../../cluster/cluster.js';
import { clusterUuid } from '../../../cluster/nodes/clusterUuid.js';
import { TwindexError } from '../../../errors.js';
import { createJournal, loadRecord } from '../../../journal/journal.js';
import { indexRefOf } from '../../../protocol/clusterSides.js';
import { isOver, type MigrationRecord } from '../../../protocol/record.js';
import { currentToken } from '../../../journal/currentToken.js';

/** The last token of an earlier migration in the source's cluster. This migration begins above it. */
export async function firstToken(sourceCluster: Cluster, name: string): Promise<number> {
  await createJournal(sourceCluster);
  const record = (await loadRecord(sourceCluster, name))?.source;
  if (record && !isOver(record))
    throw new TwindexError(
      'unsafe',
      `${name} is being migrated within the cluster of \`source\` (${sourceCluster.connection.urls.join(' ')}). Finish that migration first.`,
    );
  return (await currentToken(sourceCluster, name)) ?? 0;
}

/** @throws TwindexError `config_invalid` when this is not the cluster with which the migration began */
export async function requireSameSource(cluster: Cluster, record: MigrationRecord): Promise<void> {
  const { cluster: at } = indexRefOf(cluster, record, 'source');
  if (at === cluster || (await clusterUuid(at)) === record.sourceCluster) return;
  throw new TwindexError(
    'config_invalid',
    `\`source\` (${at.connection.urls.join(' ')}) is not the cluster that ${record.name} is being migrated from. ` +
      'Configure the nodes of that cluster again.',
  );
}
