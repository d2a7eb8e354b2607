// Computes the changes of the record after a round of following. Pure.
import type { RoundResult } from '../../follow/round.js';
import type { Patch } from '../../../journal/journal.js';
import type { MigrationRecord } from '../../../protocol/record.js';

export function followed(record: MigrationRecord, round: RoundResult): Patch {
  if (round.type === 'repeat') return { message: `the round is repeated: ${round.reason}` };
  const { evidence } = record;
  return {
    cursors: round.cursors,
    // Save this with the cursors: after a crash, only `drops` shows that equal counts prove nothing.
    drops: record.drops || round.dropped > 0,
    evidence: {
      ...evidence,
      copied: evidence.copied + round.copied,
      dropped: evidence.dropped + round.dropped,
      byFollowing: evidence.byFollowing + (isMirrored(record) ? round.copied - round.conflicts : 0),
      conflicts: evidence.conflicts + round.conflicts,
    },
    message: '',
  };
}

/** Whether the writers make the copies. Following then copies only writes that the writers have not copied. */
function isMirrored({ state, writers }: MigrationRecord): boolean {
  return state === 'mirroring' && writers.mode === 'mirror';
}
