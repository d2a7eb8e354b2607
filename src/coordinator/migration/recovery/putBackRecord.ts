// Restores a lost or damaged record from the copy that its running coordinator has in memory.
import type { Cluster } from '../../../cluster/cluster.js';
import { putDocument } from '../../../cluster/documents/putDocument.js';
import { createJournal, inspectRecord } from '../../../journal/journal.js';
import { JOURNAL, recordId } from '../../../protocol/names.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import { highestToken } from '../../../journal/currentToken.js';

/** Restores nothing if this coordinator was replaced: then there is a higher token. */
export async function putBackRecord(cluster: Cluster, record: MigrationRecord): Promise<boolean> {
  const inspected = await inspectRecord(cluster, record.name);
  if (inspected.type === 'read' || (await highestToken(cluster, record)) > record.token) return false;
  await createJournal(cluster);
  const over = inspected.type === 'damaged' ? inspected.at : 'missing';
  const again = { ...record, holder: null, clean: false, message: 'the journal had lost the migration' };
  const { type } = await putDocument(cluster, { index: JOURNAL, id: recordId(record.name) }, again, over);
  return type === 'written';
}
