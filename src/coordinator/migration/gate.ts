// Runs the hooks before a gate, and reports requested moves that are not made.
import { goalHere, hookPointsBefore } from './hooks/hookPoints.js';
import type { Patch } from '../../journal/journal.js';
import { TwindexError } from '../../errors.js';
import { isOver, type MigrationRecord, followerIndex, type StateName } from '../../protocol/record.js';
import type { BeforeHookPoint } from '../../schema/types.js';
import { settleCommands } from './steering/applyCommand.js';
import type { Session } from './session.js';
import { now } from '../../clock.js';
import { nextMove, phaseOf } from '../../protocol/states.js';
import type { Refusal } from './step.js';
import { withHistory } from '../../journal/withHistory.js';

interface Decided {
  readonly to: StateName;
  readonly patch: Patch;
}

const HOOK_POLL_MS = 200;
/** After this time, a requested move that is blocked is reported to a person. */
const PATIENCE_MS = 60_000;

const AGAIN: Readonly<Record<BeforeHookPoint, string>> = {
  copying: 'migrate',
  cutover: 'cutover',
  switched: 'switch',
  finalized: 'finalize',
  aborted: 'abort',
  rollback: 'rollback',
};

/** Called with the reason after the journal has recorded that the move is withdrawn. */
export type OnStopped = (message: string, stoppedFor: MigrationRecord['stoppedFor']) => void;

export const stoppedError = (stoppedFor: MigrationRecord['stoppedFor'], message: string): TwindexError =>
  new TwindexError(stoppedFor === 'hook' ? 'hook_failed' : 'unsafe', message);

/** Stays in the present state while the hooks before the gate run. If one fails, the move is withdrawn. */
export async function throughHooks(
  session: Session,
  { to, patch }: Decided,
  onStopped: OnStopped,
): Promise<Decided> {
  const from = session.record.state;
  if (to === from) return { to, patch: withReason(session.record, patch) };
  const next = { ...session.record, ...patch };
  const state = session.before.look(hookPointsBefore(session.record, to), next);
  if (state.type === 'passed') return { to, patch: to === 'copying' ? { ...patch, stoppedBy: '' } : patch };
  session.blocked = undefined;
  if (state.type === 'running') {
    if (from !== 'mirroring' || to === 'aborting') await session.pause(HOOK_POLL_MS);
    return { to: from, patch: { ...patch, message: state.text } };
  }
  const message = stopMessage(next, state.hookPoint, state.reason);
  const what = `not ${state.hookPoint}`;
  const stop = { message, stoppedFor: 'hook', what, patch } as const;
  if (state.hookPoint !== 'copying') return { to: from, patch: await withdrawMove(session, stop, onStopped) };
  // The coordinator ends: nothing is copied yet, so there is nothing to keep in sync.
  await noteStop(session, stop, {});
  throw new TwindexError('hook_failed', message);
}

export async function refuseMove(
  session: Session,
  patch: Patch,
  { message, because }: Refusal,
  onStopped: OnStopped,
): Promise<void> {
  const what = `not moved: ${nextMove(session.record).type}`;
  await withdrawMove(session, { message, stoppedFor: because, what, patch }, onStopped);
}

interface Stop {
  readonly message: string;
  readonly stoppedFor: MigrationRecord['stoppedFor'];
  readonly what: string;
  readonly patch: Patch;
}

/** Withdraws the requested move. The new goal is one with which the migration begins no further move. */
async function withdrawMove(session: Session, stop: Stop, onStopped: OnStopped): Promise<Patch> {
  const stopped = await noteStop(session, stop, { goal: goalHere({ ...session.record, ...stop.patch }) });
  onStopped(stop.message, stop.stoppedFor);
  return stopped;
}

async function noteStop(session: Session, stop: Stop, goal: Pick<Patch, 'goal'>): Promise<Patch> {
  const { message, stoppedFor, what, patch } = stop;
  const stopped = { ...goal, stoppedBy: message, stoppedFor, message };
  session.blocked = undefined;
  session.note(message, 'warn');
  await session.effects.run('stopMove', () =>
    session.effects.handle.save((record) => ({
      ...patch,
      ...stopped,
      // Record the outcome of the command that asked for the move.
      ...settleCommands({ ...record, ...patch, ...stopped }),
      ...withHistory(record, what, { why: message }),
    })),
  );
  session.before.forget();
  session.announcer.needsYou(message);
  return stopped;
}

/** Repeats the reason why the migration stopped as its message, as long as there is no newer message. */
function withReason({ stoppedBy }: MigrationRecord, patch: Patch): Patch {
  return patch.message === '' && stoppedBy ? { ...patch, message: stoppedBy } : patch;
}

export function stopMessage(record: MigrationRecord, moment: BeforeHookPoint, reason: string): string {
  const kept = moment === 'copying' ? 'nothing was copied' : `nothing has moved, and ${stays(record)}`;
  return (
    `the hook before ${moment} failed: ${reason}. So ${kept}. When the cause is removed, run: ` +
    `twindex ${AGAIN[moment]} ${record.name}`
  );
}

const stays = (record: MigrationRecord): string =>
  record.state === 'mirroring' ? `${followerIndex(record)} is kept in sync` : 'the migration continues';

/** Tells a person about a requested move that has been blocked for over a minute, once in each phase. */
export function noteBlocked(session: Session, message: string | undefined): void {
  const { record } = session;
  const phase = phaseOf(record);
  const asked = nextMove(record).type !== 'stay' && record.verified && !record.paused && !isOver(record);
  const waitsForTime = now() < session.graceOverAt || record.soakLeftMs > 0;
  if (!asked || waitsForTime) session.blocked = undefined;
  else if (session.blocked?.phase !== phase) session.blocked = { phase, since: now() };
  else if (message && now() - session.blocked.since > PATIENCE_MS) {
    session.blocked = { phase, since: Number.POSITIVE_INFINITY };
    session.announcer.needsYou(message);
  }
}
