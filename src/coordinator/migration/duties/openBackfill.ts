// Starts the back-fill: chooses the copier, the upper bound, and how many windows are copied at the same time.
import type { Copier } from '../../backfill/copier.js';
import { PageCopier } from '../../backfill/pageCopier.js';
import { ReindexCopier } from '../../backfill/reindexCopier.js';
import { SharedCopier } from '../../backfill/sharedCopier.js';
import type { Backfill } from '../../backfill/backfill.js';
import { PAGE_WINDOWS, reindexBatch, reindexSlots } from '../../backfill/sizes.js';
import { WindowedCopy } from '../../backfill/windowedCopy.js';
import type { Windows } from '../../backfill/windows.js';
import { Confirmation } from '../../../protocol/confirm.js';
import { showConfirmed } from '../../../protocol/confirmBoth.js';
import type { Replication } from '../../../protocol/replication.js';
import type { CopyContext } from '../../follow/followRange.js';
import { feedPrefix } from '../../../protocol/names.js';
import type { ReingestNote } from '../../../protocol/record.js';
import { Reingestion } from '../../reingest/reingestion.js';
import { OutcomeUnknown } from '../succession/effects.js';
import type { Context } from '../context.js';

/** @param left windows that an earlier token has left; default: the windows after the record's cursors */
export async function openBackfill(
  context: Context,
  replication: Replication,
  copyContext: CopyContext,
  left?: Windows,
): Promise<Backfill> {
  const { cluster, record } = context;
  if (record.reingest) return await reingestion(context, replication, copyContext);
  const checkpoints = await showAll(replication);
  const inEngine = record.route === 'server' || record.route === 'pipeline';
  const shared = inEngine ? undefined : await sharedCopier(context, replication, copyContext);
  const copier = shared ?? (await reindexCopier(context, replication));
  const ownSlots = inEngine ? await reindexSlots(cluster) : PAGE_WINDOWS;
  return new WindowedCopy(replication, copier, {
    cursors: record.cursors,
    // `_reindex` must not go above the saved checkpoints (docs/protocol.md, "Back-fill"). Copies with stamps
    // may be repeated at any time, so the present checkpoints are the bound.
    upTo: inEngine ? replication.backfilled : checkpoints,
    left,
    slots: () => shared?.slots ?? ownSlots,
    ...paceOf(context),
  });
}

async function sharedCopier(
  context: Context,
  replication: Replication,
  copyContext: CopyContext,
): Promise<SharedCopier> {
  const { cluster, effects, workers, record } = context;
  await workers.awaitFirst(context.signal);
  const copier = new SharedCopier({
    cluster,
    mark: { migration: record.id, name: record.name, token: record.token },
    local: {
      copier: new PageCopier(replication, finishing(copyContext)),
      slots: PAGE_WINDOWS,
    },
    workers,
    tally: replication.tally,
    keepRefused: copyContext.keepRefused,
    around: (change) => effects.run('handOut', change),
    lost: (what) => {
      effects.unanswered = true;
      return new OutcomeUnknown(what);
    },
    tell: (text, level) => context.note(text, level),
  });
  await copier.awaitComparisons(context.signal);
  return copier;
}

async function reingestion(
  context: Context,
  replication: Replication,
  copyContext: CopyContext,
): Promise<Backfill> {
  const { effects } = context;
  const rejected = await context.rejected();
  return new Reingestion(replication, {
    queue: () => context.openSource(),
    note: () => context.record.reingest as ReingestNote,
    // Save both in one write: with the cursors of an earlier step, following would overwrite ingested
    // documents.
    stage: (reingest, cursors) =>
      effects.handle.stage(cursors ? { reingest, cursors: [...cursors] } : { reingest }),
    upTo: replication.backfilled,
    copyContext: finishing(copyContext),
    rejected,
    forgetRejected: (entries) => effects.run('forgetRejected', () => rejected.remove(entries)),
    tell: (text, level) => context.note(text, level),
    ...paceOf(context),
  });
}

function paceOf({ throttle, meter, signal }: Context) {
  return {
    docsPerSecond: () => throttle.docsPerSecond,
    onProgress: (documents: number) => {
      throttle.noteCopied(documents);
      meter.add(documents);
    },
    signal,
  };
}

/** Leaves out the signal: when the coordinator is stopped, a batch that is being written is finished. */
const finishing = (copyContext: CopyContext): CopyContext => ({
  ...copyContext,
  feed: { ...copyContext.feed, signal: undefined },
});

async function reindexCopier(context: Context, replication: Replication): Promise<Copier> {
  const { cluster, effects, record } = context;
  const copier = new ReindexCopier(replication, {
    batch: await reindexBatch(cluster, replication.leader.index, record.documents),
    pipeline: record.route === 'pipeline' ? context.pipeline : undefined,
    around: (start) => effects.run('startReindex', start),
  });
  await copier.cancelLeftovers(feedPrefix(record.name));
  return copier;
}

/**
 * Refreshes the leader, so that searches find all operations so far. @returns the global checkpoint of each
 * shard
 */
async function showAll({ leader }: Replication): Promise<readonly number[]> {
  const onLeader = await Confirmation.begin(leader.cluster, leader);
  const checkpoints = (await onLeader.stats()).map(({ globalCheckpoint }) => globalCheckpoint);
  await showConfirmed(leader, onLeader);
  return checkpoints;
}
