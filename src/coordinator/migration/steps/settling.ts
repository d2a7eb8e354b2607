// State `settling`, after the switch: until the grace is over, the old leader stays blocked and so refuses
// writes that were sent before the hold. Then it becomes the follower.
import { putSettings } from '../../../cluster/indices/putSettings.js';
import { removeWriteBlock } from '../../../cluster/indices/removeWriteBlock.js';
import { type MigrationRecord, followerIndex } from '../../../protocol/record.js';
import { removeLedgers } from '../succession/fence.js';
import { now } from '../../../clock.js';
import { noteEpoch } from '../succession/noteEpoch.js';
import { nextMove } from '../../../protocol/states.js';
import { gcDeletes } from '../duties/targetIndex.js';
import type { Step } from '../step.js';
import { timeIn } from '../timeIn.js';
import { whereText } from '../steering/whereText.js';

type Outcome = { readonly type: 'settled' } | { readonly type: 'waiting'; readonly until: string };

export const settling: Step<'settling', Outcome> = {
  async act(session) {
    const { cluster, effects, record, follower } = session;
    session.guardian.disarm();
    const { graceMs, maxWritePauseMs } = record.options;
    session.settles ??= { at: now() + graceMs, until: timeIn(graceMs) };
    const waitMs = session.settles.at - now();
    if (waitMs > 0) {
      await session.pause(Math.min(waitMs, 500));
      return { type: 'waiting', until: session.settles.until };
    }
    await effects.run('unblockOld', () => removeWriteBlock(follower.cluster, follower.index));
    await effects.run('keepTombstones', () =>
      putSettings(follower.cluster, follower.index, {
        'index.gc_deletes': gcDeletes(graceMs, maxWritePauseMs),
      }),
    );
    await noteEpoch(session, follower);
    // The count proof has shown that the new leader has no document that was deleted before the switch. So
    // the ledger of the previous epoch is no longer needed.
    const ledger = await removeLedgers(cluster, record, [record.epoch - 1]);
    if (ledger.length > 0) await effects.aliases('dropLedger', ledger);
    // The writers may mirror now: the grace is over, and all deletes since the switch are in the ledger.
    await session.generations.mirrorAfterSwitch();
    session.settles = undefined;
    return { type: 'settled' };
  },

  decide(record, outcome) {
    if (outcome.type === 'waiting')
      return { to: 'settling', patch: { message: whySettling(record, outcome.until) } };
    return { to: 'mirroring', patch: { message: '' } };
  },
};

function whySettling(record: MigrationRecord, until: string): string {
  const isMovingBack = ['readers', 'writers'].includes(nextMove(record).type);
  const what =
    record.leader === 'source'
      ? `${followerIndex(record)} is kept in sync again from ${until} on`
      : isMovingBack
        ? `the rollback continues at ${until}`
        : `a rollback is possible from ${until}`;
  return (
    `${what}: until then a write that was sent before the switch could still reach ${followerIndex(record)} (--grace). ` +
    whereText(record)
  );
}
