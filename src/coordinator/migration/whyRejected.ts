// The message about rejected documents that block a move.
import { type MigrationRecord, followerIndex } from '../../protocol/record.js';
import { areMany, count } from '../../words.js';

export function whyRejected(record: MigrationRecord, documents: number): string {
  const { name, source } = record;
  if (record.leader === 'source')
    return `${areMany(documents, 'document')} rejected by ${followerIndex(record)}: see twindex rejected ${name}`;
  return (
    `${source.index} has rejected what was written to ${count(documents, 'document')} since the switch. Going back would lose it, and leave ` +
    `${documents === 1 ? 'it as it was' : 'them as they were'}: see twindex rejected ${name}. To go back all the same: twindex rejected ${name} drop --all`
  );
}
