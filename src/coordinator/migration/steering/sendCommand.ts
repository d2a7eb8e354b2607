// Adds a command to the queue in the journal, and waits until the coordinator has recorded its outcome.
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../../cluster/cluster.js';
import { TwindexError } from '../../../errors.js';
import { addCommand, type Command, lastCommand } from '../../../journal/commands.js';
import { loadRecord } from '../../../journal/journal.js';
import { userName } from '../../../journal/lease.js';
import {
  type CommandName,
  type EndedCommand,
  isOver,
  type MigrationRecord,
} from '../../../protocol/record.js';
import { applyCommands, outcomeOf, whyNot } from './applyCommand.js';
import { type Phase, phaseOf } from '../../../protocol/states.js';

export interface SteerOptions
  extends Partial<Pick<Command, 'version' | 'throttle' | 'reads' | 'force' | 'leftOut' | 'supersede'>> {
  readonly signal: AbortSignal;
  /** Longest wait for the outcome. A move that has not begun by then is withdrawn. Default: 24 hours. */
  readonly timeoutMs?: number | undefined;
  /** Called at each poll. `silentMs`: for how long the coordinator has shown no sign of life. */
  readonly onLook?: (record: MigrationRecord, silentMs: number, isDone: boolean) => void;
}

export type Steered =
  | { readonly type: 'done'; readonly phase: Phase; readonly record: MigrationRecord }
  /** The command is in the queue, but no coordinator is running. */
  | { readonly type: 'nobodyCoordinates'; readonly record: MigrationRecord; readonly asked: Command };

const ENDS_AS: Readonly<Partial<Record<CommandName, Phase>>> = { finalize: 'finalized', abort: 'aborted' };
const DEFAULT_TIMEOUT_MS = 24 * 3_600_000;
const POLL_MS = 200;
/** The coordinator's time-out begins when it reads the command, so its answer may come this much later. */
const ANSWER_MS = 10_000;

/**
 * @throws TwindexError `not_found` if no migration of this name is running; `unsafe` if the command can't be
 * carried out, or was superseded; `timed_out`; `hook_failed`
 */
export async function steer(
  cluster: Cluster,
  name: string,
  command: CommandName,
  options: SteerOptions,
): Promise<Steered> {
  const found = await loadRecord(cluster, name);
  const ended = found && isOver(found.source) ? phaseOf(found.source) : undefined;
  // The command is done already: the user has perhaps interrupted it, and runs it again after the end.
  if (found && ended !== undefined && ended === ENDS_AS[command])
    return { type: 'done', phase: ended, record: found.source };
  if (!found || ended)
    throw new TwindexError('not_found', `no migration of ${name} is under way. See: twindex status ${name}`);
  const asked = await give(cluster, found.source, command, options);
  return await waitUntilDone(cluster, asked, options);
}

/**
 * Like `steer`, for commands that only a running coordinator can carry out.
 * @param what what the coordinator will do, as a clause for the error message
 * @throws TwindexError `no_coordinator` if no coordinator is running
 */
export async function steerRunning(
  cluster: Cluster,
  name: string,
  command: CommandName,
  { what = 'it is done', ...options }: SteerOptions & { readonly what?: string },
): Promise<void> {
  const steered = await steer(cluster, name, command, options);
  if (steered.type === 'nobodyCoordinates')
    throw new TwindexError(
      'no_coordinator',
      `no coordinator is running for the migration of ${name}; ${what} as soon as one runs: twindex migrate ${name}`,
    );
}

/** @throws TwindexError `unsafe` if the command is impossible now, or after the queued commands */
async function give(
  cluster: Cluster,
  { name, id }: MigrationRecord,
  command: CommandName,
  options: SteerOptions,
): Promise<Command> {
  const { version, throttle, reads, force, leftOut, supersede, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const seen = await lastCommand(cluster, name);
  const by = `${userName()}@${hostname()}`;
  const asked = { name, command, by, timeoutMs, version, throttle, reads, force, leftOut, supersede };
  return await addCommand(cluster, asked, async (waitingOf) => {
    const record = (await loadRecord(cluster, name))?.source;
    if (!record)
      throw new TwindexError(
        'not_found',
        `the migration of ${name} is no longer in the journal. See: twindex status ${name}`,
      );
    if (record.id !== id)
      throw new TwindexError('not_found', `that migration of ${name} has ended, and another one has begun`);
    const waiting = waitingOf(record);
    const refusal =
      whyNot(applyCommands(record, waiting), asked) ?? whyOvertaken(record, waiting, command, seen);
    if (refusal !== undefined) throw new TwindexError('unsafe', refusal);
    return record;
  });
}

/** Refuses a `resume` if another user has just paused: this user may not know of that pause. */
function whyOvertaken(
  { name, commands }: MigrationRecord,
  waiting: readonly Command[],
  command: CommandName,
  seen: number,
): string | undefined {
  if (command !== 'resume') return undefined;
  const pause = [...commands.ended, ...waiting].find(
    (each) => each.command === 'pause' && each.number > seen,
  );
  return (
    pause && `${pause.by} has just paused ${name}. To continue anyway, run this again: twindex resume ${name}`
  );
}

async function waitUntilDone(
  cluster: Cluster,
  asked: Command,
  { signal, onLook, timeoutMs = DEFAULT_TIMEOUT_MS }: SteerOptions,
): Promise<Steered> {
  const began = performance.now();
  let seenAt = began;
  let seen = '';
  for (;;) {
    const found = await loadRecord(cluster, asked.name);
    const record = found?.source;
    if (record?.id !== asked.migration)
      throw new TwindexError(
        'not_found',
        `the outcome of ${asked.command} is unknown: the migration of ${asked.name} has ended, or is no longer in the journal`,
      );
    const now = performance.now();
    if (record.writeId !== seen) [seen, seenAt] = [record.writeId, now];
    const outcome = outcomeOf(record, asked);
    if (outcome && outcome.outcome !== 'done') throw errorOf(outcome);
    onLook?.(record, now - seenAt, outcome !== undefined);
    if (outcome) return { type: 'done', phase: phaseOf(record), record };
    if (!record.holder || now - seenAt > patienceMs(record))
      return { type: 'nobodyCoordinates', record, asked };
    if (now - began > timeoutMs + ANSWER_MS) throw notInTime(record, asked, timeoutMs);
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** A coordinator that is silent for longer than this counts as dead. */
export const patienceMs = ({ options }: MigrationRecord): number => 1.5 * options.leaseMs;

export function errorOf({ command, outcome, why, hasFailed }: EndedCommand): TwindexError {
  if (outcome === 'superseded')
    return new TwindexError('unsafe', `${command} is not carried out, since later ${why}`);
  return new TwindexError(hasFailed ? 'hook_failed' : outcome === 'timedOut' ? 'timed_out' : 'unsafe', why);
}

const notInTime = (
  { name, message }: MigrationRecord,
  { command }: Command,
  timeoutMs: number,
): TwindexError =>
  new TwindexError(
    'timed_out',
    `${command} of ${name} is not done after ${timeoutMs / 1_000} s${message === '' ? '' : ` (${message})`}. It stays requested.`,
    { hint: `See: twindex status ${name}` },
  );
