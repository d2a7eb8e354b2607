// `twindex pause | resume | cutover | switch | rollback | finalize | abort`: puts a command into the journal
// for the coordinator. If no coordinator is running, this process becomes the coordinator.
import { type SteerOutcome, steerMigration } from '../../api/steerMigration.js';
import { indexesFor, type Verb } from '../../api/steeringVerbs.js';
import type { Cluster } from '../../cluster/cluster.js';
import { EventBus } from '../../events.js';
import { loadRecord } from '../../journal/journal.js';
import { isOver, type MigrationRecord } from '../../protocol/record.js';
import { patienceMs, type SteerOptions } from '../../coordinator/migration/steering/sendCommand.js';
import type { Threshold } from '../../schema/acceptance.js';
import { askToType, canAsk, requireYes } from '../ask.js';
import { type Cli, durationOption, type GlobalOptions, type Register } from '../cli.js';
import { print, tell } from '../../terminal.js';
import { formatDuration } from '../../duration.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { forceOption } from '../force.js';
import { withSourceMaybeAway } from '../openProject.js';
import { sayAlone } from './detach.js';
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
  readonly timeout?: number;
  /** The value false comes from `--no-stay`. */
  readonly stay?: boolean;
}

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
        'carry out the command although somebody else has paused the migration or rolled it back',
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
 * The commands that have `--no-stay`. By default, such a command that has become the coordinator stays as
 * long as two indexes have to be kept in sync.
 */
const MAY_RETURN: ReadonlySet<Verb> = new Set(['resume', 'cutover', 'switch', 'rollback']);

/** Also used by `twindex verify --repair`. */
export async function ask(verb: Verb, name: string, flags: SteerFlags, cli: Cli): Promise<ExitCode> {
  return withSourceMaybeAway(
    flags,
    async (project) => {
      if (verb === 'finalize' && !flags.yes)
        requireYes(cli, flags.json, `after finalizing ${name} there is no rollback`);
      if (!(await agrees(project.cluster, { verb, name, flags, cli }))) return EXIT.done;
      const bus = new EventBus();
      const report = startReport(bus, cli.io, flags.json ?? false);
      try {
        const outcome = await steerMigration(project, {
          name,
          verb,
          force: flags.force,
          supersede: flags.supersede,
          timeoutMs: flags.timeout,
          stay: flags.stay !== false,
          bus,
          signal: cli.signal,
          onLook: tellWaits(verb, flags, cli),
          tell: (line) => tell(cli.io, line),
        });
        report.stop();
        return outcome.alone ? sayAlone(cli, flags, outcome) : say(cli, flags, outcome);
      } finally {
        report.stop();
      }
    },
    { indexes: indexesFor(verb) },
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
    return await askToType(
      cli,
      `${name}: finalize? There is no rollback after this: ${index} is deleted, or closed with --keep.`,
      index,
    );
  }
  const { index } = record.target;
  if (record.documents === 0) return true;
  return await askToType(
    cli,
    `${name}: abort the migration? This deletes ${index} with all copied documents.`,
    index,
  );
}

/**
 * A coordinator sends four heartbeats per lease time. If it is silent for this share of the lease time, it
 * has missed two.
 */
const SILENT_SHARE = 0.6;
/** How long a command waits before it prints that it is waiting. */
const SAID_AFTER_MS = 2_000;

/** Prints why the command waits, its time-out, and each move of readers or writers. Repeats no line. */
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
      note(`waiting until ${verb} is done, at most ${formatDuration(timeout)} (--timeout)`);
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
      ? 'the next coordinator will find the command in the journal'
      : 'this process coordinates the migration instead';
  return (
    `the coordinator (process ${holder?.pid} on ${holder?.host.split('/')[0]}) has shown no sign of life for ` +
    `${formatDuration(silentMs)}. If it is silent for ${formatDuration(patienceMs(record))}, ${then}`
  );
}

function say(cli: Cli, flags: SteerFlags, { phase, record }: SteerOutcome): ExitCode {
  if (flags.json)
    printEvent(cli.io, { event: 'result', name: record.name, phase, evidence: record.evidence });
  else {
    print(cli.io, `${record.name}: ${phase}`);
    for (const line of evidenceLines(record, viewOf(cli.io))) print(cli.io, line);
  }
  return EXIT.done;
}
