// `twindex pause | resume | cutover | switch | rollback | finalize | abort`: puts a command into the journal
// for the coordinator. If there is no coordinator, this process becomes it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../cluster/cluster.js';
import { isTwindexError, TwindexError } from '../../errors.js';
import { EventBus } from '../../events.js';
import type { Command as Given } from '../../journal/commands.js';
import { loadRecord } from '../../journal/journal.js';
import { type CommandName, isOver, type MigrationRecord, followerIndex } from '../../protocol/record.js';
import { outcomeOf } from '../../coordinator/migration/steering/applyCommand.js';
import { type Gate, runMigration, type Undeclared } from '../../coordinator/migration/runMigration.js';
import { phaseOf } from '../../protocol/states.js';
import {
  errorOf,
  patienceMs,
  type Steered,
  type SteerOptions,
  steer,
} from '../../coordinator/migration/steering/sendCommand.js';
import { demandWayOn } from '../../coordinator/migration/recovery/wayOut.js';
import type { Threshold } from '../../schema/acceptance.js';
import type { IndexDefinition } from '../../schema/types.js';
import { askToType, canAsk, demandYes } from '../ask.js';
import { type Cli, durationOption, type GlobalOptions, type Register } from '../cli.js';
import { print, tell } from '../../terminal.js';
import { formatDuration } from '../../duration.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { forceOption } from '../force.js';
import { definitionOrWhy, withSourceMaybeAway } from '../openProject.js';
import { goOnAlone } from './detach.js';
import { startReport } from '../text/eventReport.js';
import { evidenceLines } from '../text/gateEvidence.js';
import { printEvent } from '../text/printEvent.js';
import { viewOf } from '../text/textLayout.js';
import { withoutFigures } from '../../repeated.js';
import { whereText } from '../../coordinator/migration/steering/whereText.js';

interface SteerFlags extends GlobalOptions {
  readonly yes?: boolean;
  readonly force?: readonly Threshold[];
  readonly supersede?: boolean;
  /** In milliseconds. */
  readonly timeout?: number;
  /** The value false comes from `--no-stay`. */
  readonly stay?: boolean;
}

/** The excluded names have command lines of their own. */
type Verb = Exclude<CommandName, 'writers' | 'throttle' | 'reads' | 'replay' | 'leaveOut'>;

/** Commands that need `--supersede` after another user's pause or rollback. */
const STOPPABLE: ReadonlySet<Verb> = new Set(['pause', 'cutover', 'switch', 'finalize', 'abort']);

export type SteeringVerb = Exclude<Verb, 'verify'>;

export function registerSteering(verb: SteeringVerb): Register {
  return (command, cli) => {
    if (verb === 'finalize' || verb === 'abort') command.option('--yes', 'do not ask');
    if (verb === 'cutover' || verb === 'switch' || verb === 'finalize') command.addOption(forceOption());
    if (STOPPABLE.has(verb))
      command.option(
        '--supersede',
        'do it although somebody else has paused the migration or rolled it back',
      );
    command.addOption(
      durationOption(
        '--timeout <duration>',
        'longest time to wait; a move that has not begun by then is cancelled',
        '24h',
      ),
    );
    if (MAY_RETURN.has(verb))
      command.option(
        '--no-stay',
        'if this process has to coordinate: exit when the command is done (default: stay and keep the indexes in sync)',
      );
    command.action(cli.action((name: string, flags: SteerFlags) => ask(verb, name, flags, cli)));
  };
}

/**
 * Commands with `--no-stay`. By default, a process that coordinates because of such a command stays as long
 * as two indexes have to be kept in sync.
 */
const MAY_RETURN: ReadonlySet<Verb> = new Set(['resume', 'cutover', 'switch', 'rollback']);

/** Used by `twindex verify --repair`, too. */
export async function ask(verb: Verb, name: string, flags: SteerFlags, cli: Cli): Promise<ExitCode> {
  return withSourceMaybeAway(
    flags,
    async (project) => {
      if (verb === 'finalize' && !flags.yes)
        demandYes(cli, flags.json, `finalizing ${name} takes the way back with it`);
      if (!(await agrees(project.cluster, { verb, name, flags, cli }))) return EXIT.done;
      const giveUp = await demandWayOn(project.cluster, name, verb);
      if (giveUp !== undefined) return goOnAlone(project, name, { ...flags, giveUp }, cli);
      const steered = await steer(project.cluster, name, verb, {
        signal: cli.signal,
        force: flags.force,
        supersede: flags.supersede,
        timeoutMs: flags.timeout,
        onLook: tellWaits(verb, flags, cli),
      });
      if (steered.type === 'done') return say(cli, flags, steered.phase, steered.record);
      if (verb === 'pause') return pauseLater(cli, flags, steered.record);
      const definition = await definitionOrWhy(project, name);
      return coordinate({ cluster: project.cluster, definition, steered, verb, flags, cli });
    },
    { indexes: WITHOUT_INDEXES.has(verb) ? 'later' : 'now' },
  );
}

interface Asked {
  readonly verb: Verb;
  readonly name: string;
  readonly flags: SteerFlags;
  readonly cli: Cli;
}

/** Asks before an action that cannot be undone. In a script, `abort` needs no confirmation. */
async function agrees(cluster: Cluster, { verb, name, flags, cli }: Asked): Promise<boolean> {
  if (flags.yes || !canAsk(cli, flags.json) || (verb !== 'finalize' && verb !== 'abort')) return true;
  const record = (await loadRecord(cluster, name))?.source;
  // the caller reports that no migration is in progress
  if (!record || isOver(record)) return true;
  if (verb === 'finalize') {
    const { index } = record.source;
    return await askToType(cli, `${name}: finalize? ${index} goes, and with it the way back.`, index);
  }
  const { index } = record.target;
  if (record.documents === 0) return true;
  return await askToType(
    cli,
    `${name}: give the migration up? ${index} goes, with all that was copied.`,
    index,
  );
}

/** Commands that need no index file when this process has to coordinate. */
const WITHOUT_INDEXES: ReadonlySet<Verb> = new Set(['pause', 'rollback', 'abort']);

/** A coordinator sends four heartbeats per lease. Silent for this share of the lease, it has missed two. */
const SILENT_SHARE = 0.6;
/** A command that is carried out within this time prints nothing about waiting. */
const SAID_AFTER_MS = 2_000;

/** Prints the reasons for waiting, the timeout, and each move of readers or writers, each of them once. */
function tellWaits(
  verb: Verb,
  { json, timeout }: SteerFlags,
  { io }: Cli,
): NonNullable<SteerOptions['onLook']> {
  const began = performance.now();
  let shown = '';
  let where: string | undefined;
  let isSilent = false;
  let isLong = false;
  return (record, silentMs, isDone) => {
    if (json) return;
    const { name, message, options } = record;
    const note = (text: string) => tell(io, `${name}: ${text}`);
    const now = whereText(record);
    if (where !== undefined && now !== where) note(now);
    where = now;
    if (isDone) return;
    if (!isLong && timeout !== undefined && performance.now() - began > SAID_AFTER_MS) {
      isLong = true;
      note(`waiting for ${verb}, at most ${formatDuration(timeout)} (--timeout)`);
    }
    const key = withoutFigures(message);
    if (key !== shown && message !== '') note(message);
    shown = key;
    const wasSilent = isSilent;
    isSilent = silentMs > SILENT_SHARE * options.leaseMs;
    if (isSilent && !wasSilent) note(silence(record, verb, silentMs));
  };
}

function silence(record: MigrationRecord, verb: Verb, silentMs: number): string {
  const { holder } = record;
  const then =
    verb === 'pause'
      ? 'the next coordinator finds the command in the journal'
      : 'this process coordinates in its place';
  return (
    `nothing was heard for ${formatDuration(silentMs)} of who coordinates (process ${holder?.pid} on ` +
    `${holder?.host.split('/')[0]}). If that lasts for ${formatDuration(patienceMs(record))}, ${then}`
  );
}

function pauseLater(cli: Cli, flags: SteerFlags, record: MigrationRecord): ExitCode {
  tell(
    cli.io,
    `${record.name}: nobody coordinates this migration, so nothing is copied or moved. Whoever coordinates it next finds it paused`,
  );
  return say(cli, flags, 'paused', record);
}

interface Orphan {
  readonly cluster: Cluster;
  readonly definition: IndexDefinition | Undeclared;
  readonly steered: Extract<Steered, { type: 'nobodyCoordinates' }>;
  readonly verb: Verb;
  readonly flags: SteerFlags;
  readonly cli: Cli;
}

/** Coordinates the migration in this process, which takes the command from the journal. */
async function coordinate({ cluster, definition, steered, verb, flags, cli }: Orphan): Promise<ExitCode> {
  const { name, options, goal } = steered.record;
  tell(cli.io, `${name}: nobody coordinates this migration, so this process does`);
  const bus = new EventBus();
  const report = startReport(bus, cli.io, flags.json ?? false);
  const isOverFor = new AbortController();
  const returns = flags.stay === false;
  const run = runMigration(cluster, definition, {
    ...options,
    keepMs: options.keepMs ?? undefined,
    until: goal === 'aborted' ? 'ready' : (goal satisfies Gate),
    bus,
    signal: AbortSignal.any([cli.signal, isOverFor.signal]),
    // finalize and abort: exit if a hook refuses to end the migration, as nobody would send the command again
    // resume with --no-stay: continue to the goal, then exit
    stay: verb !== 'finalize' && verb !== 'abort' && !(returns && verb === 'resume'),
    endsWhenRefused: true,
    asItIs: true,
  });
  let moved: Moved | undefined;
  const moving = ending(cluster, steered.asked, AbortSignal.any([cli.signal, isOverFor.signal])).then(
    (at) => (moved = at),
  );
  moving.catch(() => undefined);
  const endsThen = verb === 'rollback' || verb === 'verify' || (returns && verb !== 'resume');
  try {
    const byOthers = run.catch((error: unknown) => {
      if (!isTwindexError(error, 'lease_held')) throw error;
      tell(cli.io, `${name}: another process coordinates this migration now, and carries the command out`);
      return moving;
    });
    const ends = Promise.race([
      byOthers,
      endsThen ? moving.then((at) => whenSettled(cluster, at, cli)) : byOthers,
    ]);
    const result = await untilInterrupted(
      ends,
      cli,
      async () => moved ?? (await reached(cluster, steered.asked)),
    );
    const missed = whyMissed(result.record, steered.asked);
    if (missed) throw 'why' in definition ? definition.why : missed;
    if (!isOver(result.record))
      tell(
        cli.io,
        `${name}: ${followerIndex(result.record)} is not kept in sync now; a gateway, or twindex migrate ${name}, goes on with it`,
      );
    return say(cli, flags, result.phase, result.record);
  } finally {
    isOverFor.abort();
    await run.catch(() => undefined);
    report.stop();
  }
}

/** Waits for the end of the last move's grace. Then `abort` works anywhere, even without the index file. */
async function whenSettled(cluster: Cluster, moved: Moved, cli: Cli): Promise<Moved> {
  for (;;) {
    const { source: record = moved.record } = (await loadRecord(cluster, moved.record.name)) ?? {};
    if (record.state !== 'settling') return { phase: phaseOf(record), record };
    await sleep(LOOK_MS, undefined, { signal: cli.signal });
  }
}

interface Moved {
  readonly phase: string;
  readonly record: MigrationRecord;
}

/** Reports success if the user interrupts this process after the command was carried out. */
async function untilInterrupted(
  ends: Promise<Moved>,
  { signal }: Cli,
  moved: () => Promise<Moved | undefined>,
): Promise<Moved> {
  try {
    return await ends;
  } catch (error) {
    const done = signal.aborted ? await moved() : undefined;
    if (!done) throw error;
    return done;
  }
}

/** Why a run ended without carrying out the command: others moved the aliases, or an index file is needed. */
function whyMissed(record: MigrationRecord, asked: Given): TwindexError | undefined {
  const outcome = outcomeOf(record, asked);
  if (outcome) return outcome.outcome === 'done' ? undefined : errorOf(outcome);
  if (asked.command !== 'abort' && asked.command !== 'rollback') return undefined;
  return new TwindexError(
    'unsafe',
    `${record.name} is ${phaseOf(record)}. See: twindex status ${record.name}`,
  );
}

/** Waits for the outcome of the command. After that, this process need not keep the indexes in sync. */
async function ending(cluster: Cluster, asked: Given, signal: AbortSignal): Promise<Moved> {
  for (;;) {
    const found = await reached(cluster, asked);
    if (found) return found;
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** @returns undefined if the outcome is not known yet, or the journal unreadable (the run reports errors) */
async function reached(cluster: Cluster, asked: Given): Promise<Moved | undefined> {
  const record = (await loadRecord(cluster, asked.name).catch(() => undefined))?.source;
  return record && outcomeOf(record, asked) ? { phase: phaseOf(record), record } : undefined;
}

const LOOK_MS = 300;

function say(cli: Cli, flags: SteerFlags, phase: string, record: MigrationRecord): ExitCode {
  if (flags.json)
    printEvent(cli.io, { event: 'result', name: record.name, phase, evidence: record.evidence });
  else {
    print(cli.io, `${record.name}: ${phase}`);
    for (const line of evidenceLines(record, viewOf(cli.io))) print(cli.io, line);
  }
  return EXIT.done;
}
