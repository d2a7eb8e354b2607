// settling: after the switch. What was resolved to the old first index before the hold is refused by its block until
// the grace is over; then it becomes the second index, and is fed.
import { putSettings } from '../../cluster/operations/putSettings.js';
import { removeWriteBlock } from '../../cluster/operations/removeWriteBlock.js';
import { removeLedgers } from '../fence.js';
import { now } from '../session.js';
import { noteEpoch } from '../noteEpoch.js';
import { gcDeletes } from '../targetIndex.js';
import type { Step } from '../step.js';

type Outcome = { readonly waitMs: number };

export const settling: Step<'settling', Outcome> = {
  async act(session) {
    const { cluster, effects, record, second } = session;
    session.guardian.disarm();
    session.settlesAt ??= now() + record.options.graceMs;
    const waitMs = session.settlesAt - now();
    if (waitMs > 0) {
      await session.pause(Math.min(waitMs, 500));
      return { waitMs };
    }
    const { graceMs, maxWritePauseMs } = record.options;
    await effects.run('unblockOld', () => removeWriteBlock(second.cluster, second.index));
    await effects.run('keepTombstones', () =>
      putSettings(second.cluster, second.index, { 'index.gc_deletes': gcDeletes(graceMs, maxWritePauseMs) }),
    );
    await noteEpoch(session, second);
    // what a delete of the epoch before could have left behind, the proof has found
    const ledger = await removeLedgers(cluster, record, [record.epoch - 1]);
    if (ledger.length > 0) await effects.aliases('dropLedger', ledger);
    session.settlesAt = undefined;
    return { waitMs: 0 };
  },

  decide(_record, { waitMs }) {
    if (waitMs > 0)
      return {
        to: 'settling',
        patch: { message: `the old index is fed in ${Math.ceil(waitMs / 1000)} s (grace)` },
      };
    return { to: 'mirroring', patch: { message: '' } };
  },
};
