// Runs the main loop of a coordinator: act, decide, save, repeat. Each new state is saved before its `act` runs.
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../../cluster/clusterConnection.js';
import { isTwindexError, messageOf, TwindexError } from '../../errors.js';
import {
  type HistoryEntry,
  isOver,
  type MigrationRecord,
  type StateName,
  type TakenCommand,
} from '../../protocol/record.js';
import { reasonLines } from '../../commonReason.js';
import { loadRecord } from '../../journal/journal.js';
import { summariseRejected } from '../../journal/rejectedDocuments.js';
import { type Command, waitingCommands } from '../../journal/commands.js';
import { OutcomeUnknown } from './succession/effects.js';
import { noteBlocked, type OnStopped, refuseMove, throughHooks } from './gate.js';
import { isFed, swapToken } from './succession/fence.js';
import type { Session } from './session.js';
import { now } from '../../clock.js';
import { KEPT_IN_STEP, nextMove, type Phase, phaseOf } from '../../protocol/states.js';
import type { Decision, Step } from './step.js';
import { aborting } from './steps/aborting.js';
import { copying } from './steps/copying.js';
import { creating } from './steps/creating.js';
import { finalizing } from './steps/finalizing.js';
import { holding } from './steps/holding.js';
import { mirroring } from './steps/mirroring.js';
import { whyRejected } from './whyRejected.js';
import { movingReaders } from './steps/movingReaders.js';
import { restoring } from './steps/restoring.js';
import { settling } from './steps/settling.js';
import { succeedMyself } from './succession/takeover.js';
import { withHistory } from '../../journal/withHistory.js';
import { applyCommand, settleCommands } from './steering/applyCommand.js';
import { whereText } from './steering/whereText.js';
import { withoutFigures } from '../../repeated.js';

type Running = Exclude<StateName, 'finalized' | 'aborted'>;

const STEPS: { readonly [S in Running]: Step<S, never> } = {
  creating,
  copying,
  restoring,
  mirroring,
  movingReaders,
  holding,
  settling,
  finalizing,
  aborting,
} as unknown as { readonly [S in Running]: Step<S, never> };

export interface MachineOptions {
  /** Called when the phase changes. If it returns true, the machine ends as soon as the follower is in sync. */
  readonly onPhase: (phase: Phase, record: MigrationRecord) => boolean;
  /** May throw, to end the machine. */
  readonly onStopped: OnStopped;
  /** Called when the migration needs a person. May throw, to end the machine. */
  readonly onNeedsYou: (message: string) => Promise<void>;
  /** Whether there is no index file. If so, the machine ends before a step that needs the file. */
  readonly undeclared: boolean;
}

/** @throws when the signal is aborted */
export async function runMachine(session: Session, options: MachineOptions): Promise<MigrationRecord> {
  let phase: Phase | undefined;
  let ends = false;
  let failures = 0;
  const isLate = lateness();
  for (;;) {
    session.signal.throwIfAborted();
    try {
      // Commands come first: a move may have been requested while no coordinator was running.
      await takeUpCommands(session, isLate);
      const { record } = session;
      const reached = phaseOf(record);
      if (reached !== phase && record.state !== 'settling') {
        phase = reached;
        session.bus.emit('reached', { migration: record.name, phase });
        if (record.state !== 'aborting') session.announcer.reached(phase);
        ends = options.onPhase(phase, record);
      }
      if (isOver(record) || (ends && (await isInSync(session)))) return record;
      // Ask for a person only after the rejected documents have been tried again.
      if (reached === 'incomplete' && (await isCompared(session)))
        await options.onNeedsYou(await whyIncomplete(session));
      if (record.halted && record.paused) await options.onNeedsYou(record.halted.text);
      if (options.undeclared && needsDefinition(record)) return record;
      await step(session, record.state as Running, options);
      failures = 0;
    } catch (error) {
      await recoverFrom(session, error, failures++);
    }
  }
}

/**
 * Checks more than the phase: an earlier coordinator may have reached the phase, and no process may have
 * followed the leader since then.
 */
async function isInSync(session: Session): Promise<boolean> {
  return nextMove(session.record).type === 'stay' && (await isCompared(session));
}

async function whyIncomplete({ cluster, record }: Session): Promise<string> {
  const { count, byReason } = await summariseRejected(cluster, record.id, 0);
  const lines = reasonLines(byReason, count).map((line) => `\n  ${line}`);
  return `${whyRejected(record, record.rejected)}${lines.join('')}`;
}

async function isCompared(session: Session): Promise<boolean> {
  const { record, caughtUp } = session;
  return record.state === 'mirroring' && caughtUp && (await session.reconciler()).ids.last !== undefined;
}

async function step(session: Session, state: Running, options: MachineOptions): Promise<void> {
  const { onStopped } = options;
  const decision = await decide(session, state);
  if (decision.refusal) {
    if (decision.to !== state) await enter(session, state, decision.to, decision.patch);
    await refuseMove(session, decision.patch, decision.refusal, onStopped);
    return;
  }
  const { to, patch } = await throughHooks(session, decision, onStopped);
  if (patch.message && patch.message !== session.record.message)
    session.note(patch.message, 'info', withoutFigures(patch.message));
  if (to === state) session.effects.handle.stage(patch);
  else await enter(session, state, to, patch);
  noteBlocked(session, patch.message);
  // Ask for a person only after all automatic repairs have been tried.
  if (decision.needsYou && (session.record.paused || (await isCompared(session))))
    await options.onNeedsYou(
      phaseOf(session.record) === 'incomplete' ? await whyIncomplete(session) : (patch.message ?? ''),
    );
}

const FILLING: ReadonlySet<StateName> = new Set(['creating', 'copying', 'restoring', 'mirroring']);

/**
 * The state to enter at once for an abort, or for a return of the readers to the leader. Both need neither
 * the follower nor the index file, and do not wait for copies: failing copies may be the reason for the
 * command.
 */
function wayOut(record: MigrationRecord): Decision<'mirroring'> | undefined {
  if (record.halted) return undefined;
  const move = nextMove(record);
  if (move.type === 'abort' && FILLING.has(record.state)) return { to: 'aborting', patch: {} };
  if (move.type === 'readers' && move.to === record.leader && record.state === 'mirroring')
    return { to: 'movingReaders', patch: {} };
  return undefined;
}

/** Whether the next step needs the index file. An abort, and a return of the readers, work without it. */
export function needsDefinition(record: MigrationRecord): boolean {
  const { state } = record;
  return !isOver(record) && state !== 'aborting' && state !== 'movingReaders' && !wayOut(record);
}

async function haltedBy(session: Session): Promise<string | undefined> {
  const { halted, paused } = session.record;
  if (halted?.for === 'aliases' && !paused) await session.putAliasesBack();
  const why = await session.haltIfMoved();
  if (why !== undefined) await session.pause(HALTED_MS);
  return why;
}

const HALTED_MS = 500;

async function decide(session: Session, state: Running): Promise<Decision<StateName>> {
  const out = wayOut(session.record);
  if (!out) {
    const halted = KEPT_IN_STEP.has(state) ? await haltedBy(session) : undefined;
    if (halted !== undefined) return { to: state, patch: { message: halted } };
    const current = STEPS[state];
    const outcome = await current.act(session);
    const { patch, ...decision }: Decision<StateName> = current.decide(session.record, outcome);
    // Save the progress together with the cursors: the next coordinator continues with both.
    return { ...decision, patch: { ...patch, progress: session.meter.saved } };
  }
  session.meter.end();
  if (out.to === 'aborting') await session.stopCopy();
  return out;
}

/** Enters a state. If the follower is written to from this state on, takes a new token with a feed. */
async function enter(
  session: Session,
  from: StateName,
  to: StateName,
  patch: Partial<MigrationRecord>,
): Promise<void> {
  const { effects, bus, cluster } = session;
  const begins = isFed(to) && !isFed(from);
  // From here on, the writers write to one index only, as if there were no migration.
  const ends = to === 'finalizing' || to === 'aborting';
  const before = whereText(session.record);
  const evidence = crosses(from, to) ? await evidenceNow(session, patch) : null;
  await effects.run(`save ${from} -> ${to}`, () =>
    effects.handle.save((record) => ({
      ...patch,
      ...(ends ? { writers: { ...record.writers, mode: 'none' as const } } : {}),
      // Reports of the writers about an earlier move of the readers no longer count.
      ...(to === 'movingReaders'
        ? { writers: { ...record.writers, moves: record.writers.moves + 1 }, readersMoved: true }
        : {}),
      ...(from === 'movingReaders' || from === 'settling' ? { soakLeftMs: record.options.soakMs } : {}),
      state: to,
      token: record.token + (begins ? 1 : 0),
      ...withHistory(record, `${from} -> ${to}`, { why: patch.message || `goal: ${record.goal}`, evidence }),
    })),
  );
  if (from === 'holding') session.guardian.disarm();
  bus.emit('state', { migration: session.record.name, from, to });
  const after = whereText(session.record);
  if (after !== before) session.note(after);
  if (begins) await swapToken(cluster, effects);
}

/** Whether this change of state ends a move of readers or writers, or begins the deletion of an index. */
const crosses = (from: StateName, to: StateName): boolean =>
  from === 'movingReaders' || from === 'holding' || to === 'finalizing' || to === 'aborting';

async function evidenceNow(
  session: Session,
  patch: Partial<MigrationRecord>,
): Promise<HistoryEntry['evidence']> {
  const { compared, differences, repaired } = patch.evidence ?? session.record.evidence;
  return { compared, differences, repaired, rejected: (await session.rejected()).size };
}

async function takeUpCommands(session: Session, isLate: (command: TakenCommand) => boolean): Promise<void> {
  const { effects, cluster } = session;
  if (!isOver(session.record))
    for (const command of await waitingCommands(cluster, session.record)) await takeUp(session, command);
  if (settleCommands(session.record, isLate))
    await effects.run('settleCommands', () =>
      effects.handle.save((record) => settleCommands(record, isLate) ?? {}),
    );
}

async function takeUp(session: Session, command: Command): Promise<void> {
  const { effects, record } = session;
  const patch = applyCommand(record, command);
  if (patch.goal && patch.goal !== record.goal) session.before.forget();
  if (patch.goal) session.holdNotBefore = Number.NEGATIVE_INFINITY;
  const forced = command.force?.length ? `, forced: ${command.force.join(' ')}` : '';
  const refused = patch.commands?.ended.find(({ id, outcome }) => id === command.id && outcome === 'refused');
  const what = `${command.command}${forced}`;
  session.note(`${command.by} requests: ${what}${refused ? `. Refused: ${refused.why}` : ''}`);
  await effects.run('takeUpCommand', () =>
    effects.handle.save((present) => ({
      ...applyCommand(present, command),
      ...withHistory(present, `${what} (requested by ${command.by}${refused ? '; refused' : ''})`, {
        why: refused?.why ?? '',
      }),
    })),
  );
}

function lateness(): (command: TakenCommand) => boolean {
  const since = new Map<string, number>();
  return ({ id, timeoutMs }) => {
    const at = since.get(id) ?? now();
    since.set(id, at);
    return now() - at > timeoutMs;
  };
}

/** How often in a row the coordinator takes a new token after somebody has removed an alias that it needs. */
const CLOSED_BY_HAND = 3;

/** Whether somebody has removed an alias that the coordinator needs. A new token comes with new aliases. */
async function isClosedByHand({ cluster, record }: Session, error: unknown): Promise<boolean> {
  if (!isTwindexError(error, 'fenced')) return false;
  const found = await loadRecord(cluster, record.name).catch(() => undefined);
  return found?.source.token === record.token && found.source.holder?.id === record.holder?.id;
}

/**
 * After an unknown outcome, takes a new token and reads the aliases. @throws the error if it may be permanent
 */
async function recoverFrom(session: Session, error: unknown, failures: number): Promise<void> {
  if (session.signal.aborted) throw session.signal.reason;
  const { record } = session;
  const transient =
    (failures < CLOSED_BY_HAND && (await isClosedByHand(session, error))) ||
    error instanceof OutcomeUnknown ||
    isTwindexError(error, 'overloaded', 'unreachable', 'unanswered', 'blocked');
  if (!transient) throw error;
  session.note(`${messageOf(error)}; trying again`, 'warn');
  session.effects.handle.stage({ message: messageOf(error) });
  await sleep(backoffMs(failures), undefined, { signal: session.signal });
  const inDoubt =
    error instanceof OutcomeUnknown || session.effects.unanswered || isTwindexError(error, 'fenced');
  if (!inDoubt && record.state !== 'holding' && record.state !== 'movingReaders') return;
  try {
    await succeedMyself(session);
  } catch (again) {
    if (again instanceof TwindexError && !isTwindexError(again, 'overloaded', 'unreachable', 'unanswered'))
      throw again;
  }
}
