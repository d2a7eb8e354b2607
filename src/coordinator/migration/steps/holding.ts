// State `holding`: makes the switch. If the write pause ends before that, the writers stay on the leader.
import { addWriteBlock } from '../../../cluster/indices/addWriteBlock.js';
import { removeWriteBlock } from '../../../cluster/indices/removeWriteBlock.js';
import { isTwindexError, messageOf } from '../../../errors.js';
import { type MigrationRecord, NO_HOLDS, other } from '../../../protocol/record.js';
import type { Patch } from '../../../journal/journal.js';
import { closeWriters, moveWriters, openWriters } from '../succession/aliasMoves.js';
import { OutcomeUnknown } from '../succession/effects.js';
import { removeGenerations } from '../duties/writerGenerations.js';
import { changedAliases } from '../succession/liveAliases.js';
import { whenReconciled } from '../../follow/reconcile.js';
import {
  type GivenUp,
  holdGivenUp,
  holdNotMade,
  type Lasting,
  lastGivenUp,
  lastingOf,
  MAX_HOLDS,
  pauseAfter,
} from '../../../protocol/holds.js';
import { type Proof, proveEqual } from '../duties/proveEqual.js';
import type { Session } from '../session.js';
import { now } from '../../../clock.js';
import { within } from '../../../within.js';
import { nextMove } from '../../../protocol/states.js';
import type { Decision, Refusal, Step } from '../step.js';

/** Deleting an index takes at most this many times as long as changing an alias (measured on busy clusters). */
const DELETE_FACTOR = 4;

/** Minimum time to wait for an alias call. A healthy cluster answers within this time, even if it is busy. */
const MIN_ANSWER_MS = 1_000;

type Outcome =
  | { readonly type: 'switched'; readonly pauseMs: number }
  | { readonly type: 'wentBack'; readonly reason: string; readonly lasting: Lasting }
  /** No alias was closed. */
  | { readonly type: 'notBegun'; readonly reason: string };

export const holding: Step<'holding', Outcome> = {
  async act(session) {
    // A new command may have withdrawn the switch.
    if (session.record.paused || nextMove(session.record).type !== 'writers')
      return { type: 'notBegun', reason: 'the move was withdrawn' };
    if (await session.generations.hasUnprepared())
      return {
        type: 'notBegun',
        reason: 'a gateway has just registered, and does not write to both indexes yet',
      };
    const unprepared = await whyUnprepared(session);
    if (unprepared !== undefined) return { type: 'notBegun', reason: unprepared };
    if (await changedAliases(session, 0)) {
      session.aliasesSeenAt = Number.NEGATIVE_INFINITY;
      return { type: 'notBegun', reason: 'aliases have changed' };
    }
    await whenReconciled(session.tally);
    try {
      return await hold(session);
    } catch (error) {
      // If the outcome is unknown, or another coordinator took over, the aliases have to be read first.
      if (error instanceof OutcomeUnknown || isTwindexError(error, 'fenced')) throw error;
      await goBack(session, answerAtMost(session.record));
      return { type: 'wentBack', reason: messageOf(error), lasting: lastingOf(error) };
    } finally {
      session.holdNotBefore = now() + pauseAfter(session.record.holds.inARow);
    }
  },

  decide(record, outcome): Decision<'holding'> {
    const { evidence } = record;
    const given = { ...evidence, holdsGivenUp: evidence.holdsGivenUp + 1 };
    if (outcome.type === 'notBegun')
      return {
        to: 'mirroring',
        patch: { message: notSwitched(outcome.reason), evidence: given, holds: holdNotMade(record.holds) },
      };
    if (outcome.type === 'wentBack') {
      const holds = holdGivenUp(record.holds, outcome.reason, outcome.lasting);
      const givenUp = lastGivenUp(holds) as GivenUp;
      const patch = { message: whyLater(record, givenUp), evidence: given, holds, ...wentBack(record) };
      return { to: 'mirroring', patch, refusal: noMoreHolds(record, givenUp) };
    }
    const writePauseMs = [...evidence.writePauseMs, outcome.pauseMs];
    return {
      to: record.layout === 'bare-index' ? 'finalizing' : 'settling',
      patch: { ...switched(record), evidence: { ...evidence, writePauseMs } },
    };
  },
};

const notSwitched = (reason: string): string => `the writers were not switched: ${reason}`;

export function whyLater({ name, leader, layout }: MigrationRecord, { reason, holds }: GivenUp): string {
  const pause = Math.round(pauseAfter(holds) / 1_000);
  // With a single alias there is no phase `cutover` in which the migration could stay.
  const stay = layout === 'two-aliases' ? 'cutover' : 'rollback';
  const stop = leader === 'source' ? ` To stop trying: twindex ${stay} ${name}` : '';
  return `${notSwitched(reason)}. This was attempt ${holds} of at most ${MAX_HOLDS.passing}; the next one begins after ${pause} s.${stop}`;
}

/** Withdraws a switch whose holds have failed too often, or for a reason that will not pass by itself. */
export function noMoreHolds(
  { name, leader }: MigrationRecord,
  { reason, holds, over }: GivenUp,
): Refusal | undefined {
  if (!over) return undefined;
  const often = holds === 1 ? '' : ` This was attempt ${holds} in a row.`;
  const message =
    `${notSwitched(reason)}.${often} Each attempt refuses writes for a moment, so twindex does not try again by itself. ` +
    `When the cause is removed, run: twindex ${leader === 'source' ? 'switch' : 'rollback'} ${name}`;
  return { because: 'hold', message };
}

/** Makes the preparations that take long, before writes are refused. */
async function prepareHold(session: Session): Promise<void> {
  await session.guardian.arm();
  if (session.record.writers.mode !== 'none')
    await session.generations.createLedger(session.record.epoch + 1);
}

/** Why a hold can't be prepared, if waiting does not help. @throws the error if it is transient */
export async function whyUnprepared(session: Session): Promise<string | undefined> {
  try {
    await prepareHold(session);
    return undefined;
  } catch (error) {
    if (error instanceof OutcomeUnknown || isTwindexError(error, 'fenced')) throw error;
    if (lastingOf(error) === 'passing') throw error;
    return `a hold can't be prepared: ${messageOf(error)}`;
  }
}

/** The record after a hold was given up: the writers continue under the generation that `goBack` has opened. */
export function wentBack({ writers }: MigrationRecord): Patch {
  if (writers.mode === 'none') return {};
  return { writers: { ...writers, generation: writers.generation + 1 } };
}

/**
 * The record after the switch: leader and follower have exchanged their roles. Stamps of the new epoch are
 * above every version in the new follower.
 */
export function switched(record: MigrationRecord): Patch {
  const leader = other(record.leader);
  return {
    leader,
    readers: record.layout === 'two-aliases' ? record.readers : leader,
    // The hold began only after every gateway had confirmed to which index it sends the readers.
    readersMoved: false,
    epoch: record.epoch + 1,
    cursors: record.returnCursors ?? [],
    roleStart: record.returnCursors ?? [],
    returnCursors: null,
    verified: false,
    holds: NO_HOLDS,
    writers: switchedWriters(record),
    ...(record.reingest ? { reingest: firstSwitch(record.reingest, record.returnCursors) } : {}),
  };
}

/** Records the target's last operations at the first switch: later ones are not from the source of truth. */
function firstSwitch(
  reingest: NonNullable<MigrationRecord['reingest']>,
  at: MigrationRecord['returnCursors'],
): MigrationRecord['reingest'] {
  return { ...reingest, switchedAt: reingest.switchedAt ?? at };
}

/** The writers get a new generation with a new ledger. They mirror again after `settling`. */
function switchedWriters({ writers, layout }: MigrationRecord): MigrationRecord['writers'] {
  if (writers.mode === 'none') return writers;
  const { generation } = writers;
  if (layout === 'bare-index') return { ...writers, mode: 'none' };
  return { ...writers, mode: 'prepare', generation: generation + 1, pruned: generation };
}

type Ended = Exclude<Outcome, { type: 'notBegun' }>;

async function hold(session: Session): Promise<Ended> {
  const { effects, record, leader } = session;
  const { maxWritePauseMs } = record.options;
  const began = now();
  const [generations] = await Promise.all([
    removeGenerations(session),
    session.generations.waitUntilHeld(maxWritePauseMs / 4),
  ]);
  const closing = now();
  const callMs = answerAtMost(record);
  await effects.aliases('closeWriters', [...closeWriters(record), ...generations], callMs);
  // Moving the writers, or giving up the hold, takes one more alias call. Writes are refused until it is
  // answered.
  const lastCallMs = lastCallAtMost(record, now() - closing);
  const left = (): number => maxWritePauseMs - lastCallMs - (now() - began);
  await effects.run('blockWrites', () =>
    addWriteBlock(leader.cluster, leader.index, Math.max(100, Math.round(left()))),
  );
  const proof = await inTime(proveEqual(session, left), left());
  if (proof.type === 'equal') await rememberProof(session, proof);
  if (proof.type === 'equal' && left() > 0) {
    await effects.aliases('moveWriters', moveWriters(record), callMs);
    return { type: 'switched', pauseMs: Math.round(now() - began) };
  }
  await goBack(session, callMs);
  if (proof.type === 'unproved')
    return { type: 'wentBack', reason: proof.reason, lasting: proof.lasting ? 'lasting' : 'passing' };
  const kept = Math.round(lastCallMs);
  return {
    type: 'wentBack',
    reason: `it took longer than ${maxWritePauseMs} ms, of which ${kept} ms are reserved for the call that moves the writers`,
    lasting: 'passing',
  };
}

/** The time to reserve for the last call. For a bare index it also deletes the index, which takes longer. */
function lastCallAtMost(
  { layout, options }: Pick<MigrationRecord, 'layout' | 'options'>,
  aliasCallMs: number,
): number {
  if (layout !== 'bare-index') return aliasCallMs;
  return Math.max(DELETE_FACTOR * aliasCallMs, options.maxWritePauseMs / 3);
}

/**
 * How long an alias call of a hold waits for its answer: not long, since the writers wait as well. Without an
 * answer the coordinator takes a new token. After that the old call is done or fenced, and the aliases show
 * which.
 */
function answerAtMost({ options }: Pick<MigrationRecord, 'options'>): number {
  return Math.max(MIN_ANSWER_MS, options.maxWritePauseMs);
}

/**
 * Gives up the proof when its time is over, since the writers must not wait for a shard that does not answer.
 * The proof continues in the background for a moment. Its copies with stamps do no harm, since newer stamps
 * win. But reconciled documents have versions above every stamp, so the next hold waits until no such write
 * is in flight.
 */
async function inTime(proof: Promise<Proof>, ms: number): Promise<Proof> {
  return (
    (await within(proof, ms)) ?? { type: 'unproved', reason: 'the indexes could not be proved equal in time' }
  );
}

/** Saves where following begins on the new leader, for a coordinator that finds that the writers have moved. */
async function rememberProof(session: Session, proof: Extract<Proof, { type: 'equal' }>): Promise<void> {
  const { returnCursors } = proof;
  await session.effects.run('saveProof', () =>
    session.effects.handle.save({ returnCursors: [...returnCursors] }),
  );
}

/**
 * Leaves the hold. The write block is removed last: if this coordinator was replaced, the engine refuses the
 * alias call, and the block stays.
 * @param timeoutMs for the alias call. A coordinator that takes over waits longer, so that a slow cluster
 * does not stop it as well
 */
export async function goBack(session: Session, timeoutMs?: number): Promise<void> {
  const { effects, record, leader } = session;
  await effects.aliases('openWriters', openWriters(record), timeoutMs);
  await effects.run('unblockWrites', () => removeWriteBlock(leader.cluster, leader.index));
}
