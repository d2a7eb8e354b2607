// State `mirroring`: keeps the follower in sync with the leader. Every move begins and ends in this state.
import type { RoundResult } from '../../follow/round.js';
import { hasWriteBlock } from '../../../cluster/indices/hasWriteBlock.js';
import { removeWriteBlock } from '../../../cluster/indices/removeWriteBlock.js';
import { waitingCommands } from '../../../journal/commands.js';
import { type MigrationRecord, followerIndex } from '../../../protocol/record.js';
import type { Difference } from '../../verify/contentVerification.js';
import type { WritersView } from '../context.js';
import { brokenThresholds } from '../../../queries/thresholds.js';
import { count } from '../../../words.js';
import type { Session } from '../session.js';
import { now } from '../../../clock.js';
import { isRollback, nextMove, phaseOf } from '../../../protocol/states.js';
import { timeIn } from '../timeIn.js';
import { whereText } from '../steering/whereText.js';
import { holdBegun, lastGivenUp } from '../../../protocol/holds.js';
import { whyFiltersFail } from '../succession/aliasFilters.js';
import { changedAliases } from '../succession/liveAliases.js';
import { followFields } from '../duties/wantedTarget.js';
import { noMoreHolds, whyLater, whyUnprepared } from './holding.js';
import type { Decision, Refusal, Step } from '../step.js';
import { whyUnmovable } from '../recovery/whyUnmovable.js';
import type { ReconcilerResult } from '../duties/reconciler.js';
import { followed } from './followed.js';
import { whyRejected } from '../whyRejected.js';

const ROUND_MS = 2_000;
/** The longest slice of reconciliation, which is shorter while readers are on the follower. */
const SLICE_MS = { unread: 1_500, read: 300 } as const;
/**
 * Pause between two rounds that caught up: as long as the last round, so that a few writes do not make the
 * leader refresh all the time. The pause is bounded, because it adds to the lag.
 */
const PAUSE_MS = { least: 100, most: 250 } as const;
/**
 * A round rests after it has read its upper bound, if all writes come through the writers, nobody reads the
 * follower, and no move is pending. It then has to make only copies that the writers could not make. Without
 * the rest it would also make copies that are still on their way.
 */
const REST_MS = 3_000;
const SAVED_DIFFERENCES = 10;
const BLOCK_EVERY_MS = 2_000;
/** Maximum age of the last comparison of ids at a move; after a long comparison, three times its duration. */
const FRESH_IDS_MS = 5_000;

export interface MirrorOutcome {
  readonly round: RoundResult;
  readonly reconciler: ReconcilerResult | undefined;
  /** Duration of the last round that caught up. The follower may lack younger operations. */
  readonly lagMs: number;
  readonly comparisonMs: number;
  /** How long the first verification has taken so far; undefined if that is not known, or over. */
  readonly verifyMs?: number | undefined;
  readonly holdInMs: number;
  /** The time of day at which a hold may begin, for messages. */
  readonly holdAt: string;
  readonly unprepared?: string | undefined;
  /** The leader's aliases, if they differ from the record. */
  readonly aliases?: MigrationRecord['sourceAliases'] | undefined;
  /** Why the target does not accept the aliases with their filters. */
  readonly filtersFail?: string | undefined;
  /** Why the aliases can't be moved: somebody has removed one, or added one to a third index. */
  readonly unmovable?: string | undefined;
  readonly writers: WritersView;
  /** How many rejected documents only the source has; counted only if the source is to be deleted. */
  readonly leftBehind: number | undefined;
}

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
    // The changed aliases may have filters that were not checked.
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
    // A slice that reads documents takes time itself, so no pause is needed.
    const isBusy = !read && reconciler?.isReading;
    if (caughtUp && !rests && !isBusy)
      await session.pause(Math.min(Math.max(lagMs, PAUSE_MS.least), PAUSE_MS.most));
    const holdInMs = Math.max(session.graceOverAt, session.holdNotBefore) - now();
    return {
      round,
      reconciler,
      lagMs,
      comparisonMs: work.comparisonMs ?? 0,
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
    const move = nextMove(next);
    const blocker = outcome.aliases ? 'aliases have changed' : blockedReason(next, outcome);
    const notAccepted = outcome.reconciler?.searchesPending === false ? whyNotAccepted(next) : undefined;
    const soak = whySoaking(record);
    const oldShaped = stillOldShaped(record, outcome.writers.oldShaped);
    const stay = (message: string): Decision<'mirroring'> => ({
      to: 'mirroring',
      patch: { ...patch, message: message && isRollback(next) ? whyNotBack(next, message) : message },
    });
    const stayForYou = (message: string): Decision<'mirroring'> => ({ ...stay(message), needsYou: true });
    const blocked = (message: string): Decision<'mirroring'> =>
      needsYou(next, outcome) ? stayForYou(message) : stay(message);
    const refuse = (because: Refusal['because'], message: string): Decision<'mirroring'> => ({
      ...stay(message),
      refusal: { because, message },
    });
    const wrong = whatIsWrong(record, outcome);
    // A lasting finding is reported once. Its text may differ, since each check takes another sample.
    const isStopped = record.stoppedBy !== '' && record.stoppedFor === 'secondCheck';
    const isMoved = move.type === 'writers' || (move.type === 'readers' && move.to !== record.leader);
    if (wrong !== undefined && (isMoved || (move.type === 'stay' && !next.verified)))
      return isStopped ? stay(wrong) : refuse('secondCheck', wrong);
    switch (move.type) {
      case 'stay':
        if (record.paused) return stayForYou('paused');
        if (!next.verified) return blocker ? blocked(blocker) : stay('verifying');
        if (phaseOf(next) === 'incomplete') return stayForYou(whyRejected(next, next.rejected));
        return stay(outcome.filtersFail ?? '');
      case 'abort':
        return { to: 'aborting', patch };
      case 'finalize':
        if (outcome.unmovable !== undefined) return refuse('aliases', outcome.unmovable);
        if (soak) return stay(soak);
        if (outcome.leftBehind === undefined) return stay('counting the rejected documents');
        if (outcome.leftBehind > 0) return stayForYou(whyLeftBehind(record, outcome.leftBehind));
        return oldShaped ? stayForYou(oldShaped) : { to: 'finalizing', patch };
      case 'readers': // Readers may be moved back to the leader at any time.
        if (move.to === record.leader) return { to: 'movingReaders', patch };
        if (outcome.unmovable !== undefined) return refuse('aliases', outcome.unmovable);
        if (outcome.filtersFail) return refuse('aliases', outcome.filtersFail);
        if (notAccepted) return refuse('acceptance', notAccepted);
        if (blocker) return blocked(blocker);
        return { to: 'movingReaders', patch };
      case 'writers': {
        if (outcome.unmovable !== undefined) return refuse('aliases', outcome.unmovable);
        if (outcome.filtersFail) return refuse('aliases', outcome.filtersFail);
        if (outcome.unprepared !== undefined)
          return refuse('hold', `the writers are not switched: ${outcome.unprepared}`);
        const givenUp = lastGivenUp(record.holds);
        const noMore = givenUp && noMoreHolds(record, givenUp);
        if (noMore) return { ...stay(noMore.message), refusal: noMore };
        // With a single alias, the readers move together with the writers.
        if (record.readers === record.leader && notAccepted) return refuse('acceptance', notAccepted);
        if (blocker) return blocked(blocker);
        if (record.leader === 'source' && soak) return stay(soak);
        // The switch deletes a bare index. After that, nothing can translate documents.
        if (record.layout === 'bare-index' && oldShaped) return stayForYou(oldShaped);
        // Readers that a gateway still sends to the present leader would miss writes after the switch.
        if (outcome.writers.readElsewhere)
          return stay('not every gateway has said that it sends the readers there');
        if (outcome.holdInMs > 0)
          return stay(givenUp ? whyLater(record, givenUp) : whyHeldOff(outcome.holdAt));
        return { to: 'holding', patch: { ...patch, holds: holdBegun(record.holds) } };
      }
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

function whatIsWrong(
  { name, secondCheck }: MigrationRecord,
  { reconciler }: MirrorOutcome,
): string | undefined {
  if (reconciler?.second !== 'failed' || !secondCheck || secondCheck.wrong.length === 0) return undefined;
  const [first, ...more] = secondCheck.wrong;
  const others = more.length > 0 ? ` (and ${more.length} more: twindex status ${name})` : '';
  return `the second check, which reads in another way, has found: ${first}${others}. ${secondCheck.advice}`;
}

/** A rollback is urgent, and the source was right until the switch. So a rollback has fewer conditions. */
function blockedReason(record: MigrationRecord, outcome: MirrorOutcome): string | undefined {
  const { round, reconciler, lagMs, comparisonMs, writers } = outcome;
  const isBack = isRollback(record);
  if (record.paused) return 'paused';
  if (writers.blocker) return writers.blocker;
  if (round.type === 'repeat' || !round.caughtUp || !reconciler) return 'catching up';
  if (reconciler.rejected > 0 && !record.options.dropRejected)
    return whyRejected(record, reconciler.rejected);
  if (reconciler.unrepaired > 0) return cantBeRepaired(record, reconciler.unrepaired);
  if (!record.verified && !isBack) return 'verifying';
  if (reconciler.second === 'running' && !isBack)
    return 'the second check is running: a sample is read in another way';
  if (reconciler.searchesPending) return 'comparing the searches on both indexes';
  if (lagMs > record.options.maxLagMs) return whyLagging(record, lagMs);
  const { idsComparedMsAgo } = reconciler;
  if (idsComparedMsAgo === undefined) return 'comparing ids';
  // Deletes that the writers copy need not be searched for. The count proof finds all other deletes.
  if (
    !writers.mirrored &&
    reconciler.deletesPending &&
    idsComparedMsAgo > Math.max(FRESH_IDS_MS, 3 * comparisonMs)
  )
    return 'comparing ids';
  return undefined;
}

function needsYou(record: MigrationRecord, { reconciler }: MirrorOutcome): boolean {
  if (record.paused || !reconciler) return record.paused;
  // Except in a rollback, all other documents are verified first.
  const isComplete = record.verified || isRollback(record);
  return (isComplete && reconciler.rejected > 0 && !record.options.dropRejected) || reconciler.unrepaired > 0;
}

const whyNotBack = (record: MigrationRecord, reason: string): string =>
  `the rollback waits, and ${whereText(record)}: ${reason}`;

const whyHeldOff = (until: string): string =>
  `the writers are switched after ${until}: until then a request of the coordinator before this one, or one that was not ` +
  'answered, could still arrive (--grace)';

function whyLagging({ name, options }: MigrationRecord, lagMs: number): string {
  const enough = Math.ceil((1.5 * lagMs) / 1_000);
  return (
    `the lag of ${Math.round(lagMs)} ms is above ${options.maxLagMs} ms (--max-lag). The move waits until the lag is small ` +
    `enough. To allow a larger one: stop the coordinator, and run twindex migrate ${name} --max-lag ${enough}s`
  );
}

function whySoaking({ name, leader, soakLeftMs, options }: MigrationRecord): string | undefined {
  if (soakLeftMs <= 0) return undefined;
  const [who, command] = leader === 'source' ? ['readers', 'switch'] : ['readers and writers', 'finalize'];
  const seconds = options.soakMs / 1_000;
  return `${who} are to be on the new index for ${seconds} s first (--soak). To go on now: twindex ${command} ${name}`;
}

function whyNotAccepted(record: MigrationRecord): string | undefined {
  if (record.leader === 'target' || !record.verified) return undefined;
  const broken = brokenThresholds(record);
  if (broken.length === 0) return undefined;
  const { name, layout, source, target } = record;
  const command = layout === 'two-aliases' ? 'cutover' : 'switch';
  const forced = broken.map(({ threshold }) => threshold).join(' ');
  return [
    `the readers of ${name} stay on ${source.index}, as ${target.index} is not accepted:`,
    ...broken.map(({ text }) => `  ${text}`),
    `To see the searches: twindex queries ${name}. To go on all the same: twindex ${command} ${name} --force ${forced}`,
  ].join('\n');
}

function whyLeftBehind({ name, source, target }: MigrationRecord, documents: number): string {
  return (
    `${source.index} is not removed yet: ${target.index} has rejected documents that only ${source.index} has ` +
    `(${documents}): see twindex rejected ${name}. To finalize without them: twindex rejected ${name} drop --all`
  );
}

function stillOldShaped(record: MigrationRecord, who: readonly string[]): string | undefined {
  const { source, name, target, hasTransform } = record;
  if (!hasTransform || who.length === 0) return undefined;
  return (
    `documents of version ${source.version} are still written (through ${who.join(', ')}). When the old release is gone: ` +
    `twindex writers ${name} --version ${target.version}`
  );
}

function cantBeRepaired(record: MigrationRecord, documents: number): string {
  return (
    `${count(documents, 'document')} of ${followerIndex(record)} can't be repaired, as somebody has written there with versions ` +
    `above those of twindex: see twindex status ${record.name}`
  );
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
    session.note(`a write block was found on ${index} and is taken off`, 'warn');
    await effects.run('healBlock', () => removeWriteBlock(cluster, index));
  }
}
