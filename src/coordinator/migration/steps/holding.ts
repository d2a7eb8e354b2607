// State `holding`: the switch. If the write pause is over before that, the writers stay on the leader.
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

/** An index delete takes at most this many times as long as an alias change (measured on busy clusters). */
const DELETE_FACTOR = 4;

/** A healthy cluster answers an alias call in this time, even if it is busy. */
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
      return { type: 'notBegun', reason: 'it is not asked for any more' };
    if (await session.generations.hasUnprepared())
      return { type: 'notBegun', reason: 'a gateway has just registered, and has to be prepared first' };
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
  // With a single alias there is no phase `cutover` to stay in.
  const stay = layout === 'two-aliases' ? 'cutover' : 'rollback';
  const stop = leader === 'source' ? ` To stop trying: twindex ${stay} ${name}` : '';
  return `${notSwitched(reason)}. This was try ${holds} of at most ${MAX_HOLDS.passing}; the next one begins ${pause} s after it.${stop}`;
}

/** Withdraws a switch whose holds have failed too often, or for a reason that will not pass by itself. */
export function noMoreHolds(
  { name, leader }: MigrationRecord,
  { reason, holds, over }: GivenUp,
): Refusal | undefined {
  if (!over) return undefined;
  const often = holds === 1 ? '' : ` This was try ${holds} in a row.`;
  const message =
    `${notSwitched(reason)}.${often} Each try refuses writes for a moment, so twindex does not try again by itself. ` +
    `When the reason is removed: twindex ${leader === 'source' ? 'switch' : 'rollback'} ${name}`;
  return { because: 'hold', message };
}

/** Slow preparations, which are made while writes are not refused yet. */
async function prepareHold(session: Session): Promise<void> {
  await session.guardian.arm();
  if (session.record.writers.mode !== 'none')
    await session.generations.createLedger(session.record.epoch + 1);
}

/** Why a hold can't be prepared, if waiting does not help. @throws if the reason is transient */
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

/** The writers continue under the generation that `goBack` has opened. */
export function wentBack({ writers }: MigrationRecord): Patch {
  if (writers.mode === 'none') return {};
  return { writers: { ...writers, generation: writers.generation + 1 } };
}

/** Exchanges the roles. Stamps of the new epoch are above every version in the new follower. */
export function switched(record: MigrationRecord): Patch {
  const leader = other(record.leader);
  return {
    leader,
    readers: record.layout === 'two-aliases' ? record.readers : leader,
    // The hold began only after every gateway had confirmed where it sends the readers.
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

/**
 * Notes the target's operations at the first switch: only documents written before can come from the source
 * of truth.
 */
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
  // Moving the writers, or going back, takes another alias call. Until its answer, writes are refused.
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
    reason: `it took longer than ${maxWritePauseMs} ms, of which ${kept} ms are kept for the call that moves the writers`,
    lasting: 'passing',
  };
}

/** For a bare index, the last call also deletes the index, which takes longer. So time for it is reserved. */
function lastCallAtMost(
  { layout, options }: Pick<MigrationRecord, 'layout' | 'options'>,
  aliasCallMs: number,
): number {
  if (layout !== 'bare-index') return aliasCallMs;
  return Math.max(DELETE_FACTOR * aliasCallMs, options.maxWritePauseMs / 3);
}

/**
 * How long an alias call of a hold waits for its answer, since the writers wait, too. Without an answer the
 * coordinator takes a new token. Then the call is done or fenced, and the aliases show which.
 */
function answerAtMost({ options }: Pick<MigrationRecord, 'options'>): number {
  return Math.max(MIN_ANSWER_MS, options.maxWritePauseMs);
}

/**
 * Gives the proof up when its time is over, since a silent shard must not make the writers wait. The proof
 * continues in the background for a moment. Its copies with stamps do no harm, since newer stamps win. But
 * reconciled documents have versions above every stamp, so the next hold waits until no such write is in
 * flight.
 */
async function inTime(proof: Promise<Proof>, ms: number): Promise<Proof> {
  return (await within(proof, ms)) ?? { type: 'unproved', reason: 'the proof was not there in time' };
}

/** Saves where following begins on the new leader, for a successor that finds the writers moved already. */
async function rememberProof(session: Session, proof: Extract<Proof, { type: 'equal' }>): Promise<void> {
  const { returnCursors } = proof;
  await session.effects.run('saveProof', () =>
    session.effects.handle.save({ returnCursors: [...returnCursors] }),
  );
}

/**
 * Leaves the hold. The write block is removed last: if this coordinator was replaced, the engine refuses the
 * alias call.
 * @param timeoutMs for the alias call. A successor waits longer, so that a slow cluster does not stop it, too
 */
export async function goBack(session: Session, timeoutMs?: number): Promise<void> {
  const { effects, record, leader } = session;
  await effects.aliases('openWriters', openWriters(record), timeoutMs);
  await effects.run('unblockWrites', () => removeWriteBlock(leader.cluster, leader.index));
}
