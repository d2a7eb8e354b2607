// Where the source is in another cluster: what has to be so before it is migrated from there.
import type { Cluster } from '../../../cluster/cluster.js';
import { clusterUuid } from '../../../cluster/nodes/clusterUuid.js';
import { TwindexError } from '../../../errors.js';
import { createJournal, loadRecord } from '../../../journal/journal.js';
import { indexRefOf } from '../../../protocol/clusterSides.js';
import { isOver, type MigrationRecord } from '../../../protocol/record.js';
import { currentToken } from '../../../journal/currentToken.js';

/** There the tokens of earlier migrations may be in force. */
export async function firstToken(sourceCluster: Cluster, name: string): Promise<number> {
  await createJournal(sourceCluster);
  const record = (await loadRecord(sourceCluster, name))?.source;
  if (record && !isOver(record))
    throw new TwindexError(
      'unsafe',
      `${name} is being migrated within the cluster of \`source\` (${sourceCluster.connection.urls.join(' ')}). Finish that first.`,
    );
  return (await currentToken(sourceCluster, name)) ?? 0;
}

/** @throws TwindexError `config_invalid` when it is another one than the migration began with */
export async function demandSameSource(cluster: Cluster, record: MigrationRecord): Promise<void> {
  const { cluster: at } = indexRefOf(cluster, record, 'source');
  if (at === cluster || (await clusterUuid(at)) === record.sourceCluster) return;
  throw new TwindexError(
    'config_invalid',
    `\`source\` (${at.connection.urls.join(' ')}) is another cluster than the one that ${record.name} is being migrated from. ` +
      'Put the nodes of that one back.',
  );
}
