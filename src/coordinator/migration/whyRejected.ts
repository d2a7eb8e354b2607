// Makes the message about rejected documents that block a move.
import { type MigrationRecord, followerIndex } from '../../protocol/record.js';
import { areMany, count } from '../../words.js';

export function whyRejected(record: MigrationRecord, documents: number): string {
  const { name, source } = record;
  if (record.leader === 'source')
    return `${areMany(documents, 'document')} rejected by ${followerIndex(record)}. To see them: twindex rejected ${name}`;
  return (
    `${source.index} has rejected the writes to ${count(documents, 'document')} since the switch. A rollback would lose these ` +
    `writes. To see the documents: twindex rejected ${name}. To roll back anyway: twindex rejected ${name} drop --all`
  );
}
