// What a round of following changes in the record. Pure.
import type { RoundResult } from '../../follow/round.js';
import type { Patch } from '../../../journal/journal.js';
import type { MigrationRecord } from '../../../protocol/record.js';

export function followed(record: MigrationRecord, round: RoundResult): Patch {
  if (round.type === 'repeat') return { message: `the round is done again: ${round.reason}` };
  const { evidence } = record;
  return {
    cursors: round.cursors,
    // with the cursors that pass them: after a crash nothing else would tell that counts prove nothing
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

/** Back-fill is over, and writers of ours write both indexes: what else comes was written past them. */
function isMirrored({ state, writers }: MigrationRecord): boolean {
  return state === 'mirroring' && writers.mode === 'mirror';
}
