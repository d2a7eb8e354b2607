// State `mirroring`: keeps the follower in sync with the leader. Every move begins in this state.
import { hasWriteBlock } from '../../../cluster/indices/hasWriteBlock.js';
import { removeWriteBlock } from '../../../cluster/indices/removeWriteBlock.js';
import { waitingCommands } from '../../../journal/commands.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import type { Difference } from '../../verify/contentVerification.js';
import type { Session } from '../session.js';
import { now } from '../../../clock.js';
import { nextMove } from '../../../protocol/states.js';
import { timeIn } from '../timeIn.js';
import { holdBegun } from '../../../protocol/holds.js';
import { whyFiltersFail } from '../succession/aliasFilters.js';
import { changedAliases } from '../succession/liveAliases.js';
import { followFields } from '../duties/wantedTarget.js';
import { whyUnprepared } from './holding.js';
import { firstUnmet, type MirrorOutcome } from './moveGuards.js';
import type { Step } from '../step.js';
import { whyUnmovable } from '../recovery/whyUnmovable.js';
import type { ReconcilerResult } from '../duties/reconciler.js';
import { followed } from './followed.js';

const ROUND_MS = 2_000;
/** The longest slice of reconciliation. Slices are shorter while readers are on the follower. */
const SLICE_MS = { unread: 1_500, read: 300 } as const;
/**
 * Pause between two rounds that caught up. It is as long as the last round, so that a few writes do not make
 * the leader refresh all the time. It is limited, because it adds to the lag.
 */
const PAUSE_MS = { least: 100, most: 250 } as const;
/**
 * How long a round rests after it has read its upper bound. It rests if all writes come through the writers,
 * nobody reads the follower, and no move is pending. Then it only has to make copies that the writers could
 * not make. Without the rest it would also make copies that are still in flight.
 */
const REST_MS = 3_000;
const SAVED_DIFFERENCES = 10;
const BLOCK_EVERY_MS = 2_000;

export const mirroring: Step<'mirroring', MirrorOutcome> = {
  async act(session) {
    await healBlocks(session);
    session.soak();
    await session.generations.reconcile();
    const unprepared = nextMove(session.record).type === 'writers' ? await whyUnprepared(session) : undefined;
    const aliases = await changedAliases(session);
    const { record } = session;
    if (!record.paused) await followFields(session);
    const began = now();
    session.pace.verifyingFor(record);
    const view = session.generations.view;
    const mirrored = view.mirrored && !view.bypassed;
    const read = record.readers !== record.leader;
    const settled = record.verified && nextMove(record).type === 'stay';
    const rests = settled && mirrored && !read && session.caughtUp;
    const rest = rests ? () => restUntilAsked(session) : undefined;
    const round = record.paused
      ? await session.idle()
      : await session.follow({ budgetMs: ROUND_MS, mirrored, rest });
    const lagMs = now() - began;
    const caughtUp = round.type === 'confirmed' && round.caughtUp && !record.paused;
    const work = await session.reconciler();
    const reconciler = caughtUp
      ? await work.slice(read ? SLICE_MS.read : SLICE_MS.unread, round.cursors)
      : undefined;
    const filtersFail = await whyFiltersFail(session, record.verified || (reconciler?.verified ?? false));
    // Check the filters again: the changed aliases may have other filters.
    if (aliases) session.filtersSeen = undefined;
    if (read) await session.readersRefresh.reconcile(session.follower);
    if (round.type === 'confirmed') {
      const lag = {
        operations: round.behind,
        lagMs: Math.round(lagMs),
        deletesPending: reconciler?.deletesPending ?? false,
      };
      session.bus.emit('lag', { migration: record.name, ...lag });
      session.effects.handle.stage({ lag });
    }
    // A slice that reads documents takes time itself, so no further pause is needed.
    const isBusy = !read && reconciler?.isReading;
    if (caughtUp && !rests && !isBusy)
      await session.pause(Math.min(Math.max(lagMs, PAUSE_MS.least), PAUSE_MS.most));
    const { last } = work.ids;
    const holdInMs = Math.max(session.graceOverAt, session.holdNotBefore) - now();
    return {
      round,
      reconciler,
      lagMs,
      comparisonMs: last ? last.endedAt - last.beganAt : 0,
      verifyMs: session.pace.verifyingFor(record),
      holdInMs,
      holdAt: timeIn(holdInMs),
      unprepared,
      aliases,
      filtersFail,
      unmovable: await whyUnmovable(session),
      writers: session.generations.view,
      leftBehind: nextMove(session.record).type === 'finalize' ? await session.countBlocking() : undefined,
    };
  },

  decide(record, outcome) {
    const patch = evidenceOf(record, outcome);
    const next: MigrationRecord = { ...record, ...patch };
    const unmet = firstUnmet(next, outcome);
    if (unmet) {
      const { message, ...decision } = unmet;
      return { ...decision, to: 'mirroring', patch: { ...patch, message } };
    }
    switch (nextMove(next).type) {
      case 'stay':
        return { to: 'mirroring', patch: { ...patch, message: '' } };
      case 'readers':
        return { to: 'movingReaders', patch };
      case 'writers':
        return { to: 'holding', patch: { ...patch, holds: holdBegun(record.holds) } };
      case 'finalize':
        return { to: 'finalizing', patch };
      case 'abort':
        return { to: 'aborting', patch };
    }
  },
};

function evidenceOf(record: MigrationRecord, outcome: MirrorOutcome) {
  const { round, reconciler, aliases, writers, verifyMs } = outcome;
  const base = followed(record, round);
  const evidence = base.evidence ?? record.evidence;
  const { copyPace } = record;
  return {
    ...base,
    ...(copyPace && reconciler?.verified && verifyMs !== undefined
      ? { copyPace: { ...copyPace, verifyMs } }
      : {}),
    ...(aliases && { sourceAliases: aliases }),
    verified: record.verified || (reconciler?.verified ?? false),
    rejected: reconciler ? reconciler.rejected : record.rejected,
    idComparisons: reconciler ? lookedAt(record.idComparisons, reconciler) : record.idComparisons,
    evidence: {
      ...evidence,
      pastWriters: writers.past,
      compared: evidence.compared + (reconciler?.compared ?? 0),
      differences: evidence.differences + (reconciler?.differences.length ?? 0),
      repaired:
        evidence.repaired + (reconciler?.differences.filter((difference) => difference.repaired).length ?? 0),
      deletesReconciled: evidence.deletesReconciled + (reconciler?.deletesReconciled ?? 0),
      firstDifferences: [...evidence.firstDifferences, ...(reconciler?.differences ?? []).map(textOf)].slice(
        0,
        SAVED_DIFFERENCES,
      ),
    },
  };
}

function lookedAt(
  { done, looks }: MigrationRecord['idComparisons'],
  { idsCompared, deletesPending }: ReconcilerResult,
): MigrationRecord['idComparisons'] {
  return { done: done + (idsCompared ? 1 : 0), looks: looks + 1, needed: deletesPending };
}

function textOf({ key, kind, fields, repaired }: Difference): string {
  const routing = key.routing === undefined ? '' : ` (routing ${key.routing})`;
  return `${key.id}${routing}: ${kind}${fields.length > 0 ? `, ${fields.join(', ')}` : ''}${repaired ? '; repaired' : ''}`;
}

async function restUntilAsked(session: Session): Promise<void> {
  const end = now() + REST_MS;
  while (now() < end && (await waitingCommands(session.cluster, session.record)).length === 0)
    await session.pause(PAUSE_MS.most);
}

/** Removes write blocks that this coordinator or an earlier one has left behind. */
async function healBlocks(session: Session): Promise<void> {
  if (now() - session.blocksSeenAt < BLOCK_EVERY_MS) return;
  session.blocksSeenAt = now();
  const { effects } = session;
  for (const { cluster, index } of [session.leader, session.follower]) {
    if (!(await hasWriteBlock(cluster, index))) continue;
    session.note(`a write block was found on ${index} and is removed`, 'warn');
    await effects.run('healBlock', () => removeWriteBlock(cluster, index));
  }
}
