// `twindex pause | resume | cutover | switch | rollback | finalize | abort`: ask whoever coordinates. Where nobody
// does, this process coordinates itself.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Cluster } from '../../cluster/cluster.js';
import { EventBus } from '../../events.js';
import { loadRecord } from '../../journal/journal.js';
import { isOver, type MigrationRecord, secondIndex } from '../../journal/record.js';
import type { Wish, WishName } from '../../journal/wishes.js';
import { isTwindexError, TwindexError } from '../../errors.js';
import { whyNot } from '../../migration/grantWish.js';
import { type Border, runMigration, type Undeclared } from '../../migration/run.js';
import { phaseOf } from '../../migration/states.js';
import { isGranted, type Steered, steer } from '../../migration/steer.js';
import type { Threshold } from '../../schema/acceptance.js';
import type { IndexDefinition } from '../../schema/types.js';
import { askToType, canAsk, demandYes } from '../ask.js';
import { addCommand, type Cli, type GlobalOptions, print } from '../cli.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { forceOption } from '../force.js';
import { definitionOrWhy, withSourceMaybeAway } from '../project.js';
import { startReport } from '../report.js';
import { evidenceLines } from '../statusText.js';
import { whereText } from '../../migration/whereText.js';

interface SteerFlags extends GlobalOptions {
  readonly yes?: boolean;
  readonly force?: readonly Threshold[];
  /** False with `--no-stay`. */
  readonly stay?: boolean;
}

/** The others have commands of their own. */
type Verb = Exclude<WishName, 'writers' | 'throttle' | 'reads' | 'replay' | 'leaveOut'>;

const DESCRIPTIONS: Readonly<Record<Exclude<Verb, 'verify'>, string>> = {
  pause: 'let a migration rest: nothing is copied or moved',
  resume: 'let a paused migration go on',
  cutover: 'move the readers to the new index',
  switch: 'move the writers to the new index',
  rollback: 'take readers and writers back to the old index',
  finalize: 'end a migration: the old index goes',
  abort: 'give a migration up: the new index goes',
};

export function registerSteering(program: Command, cli: Cli): void {
  for (const [wish, description] of Object.entries(DESCRIPTIONS) as [Verb, string][]) {
    const command = addCommand(program, `${wish} <name>`, description);
    if (wish === 'finalize' || wish === 'abort') command.option('--yes', 'do not ask');
    if (wish === 'cutover' || wish === 'switch' || wish === 'finalize') command.addOption(forceOption());
    if (MAY_RETURN.has(wish))
      command.option(
        '--no-stay',
        'where nobody coordinates: end when it is done, and leave the migration to whoever comes',
      );
    command.action(cli.action((name: string, flags: SteerFlags) => ask(wish, name, flags, cli)));
  }
}

/** Where nobody coordinates, the process that asks for them does, and stays for as long as an index has to be kept in step. */
const MAY_RETURN: ReadonlySet<Verb> = new Set(['resume', 'cutover', 'switch', 'rollback']);

/** Also for `twindex verify --repair`. */
export async function ask(wish: Verb, name: string, flags: SteerFlags, cli: Cli): Promise<ExitCode> {
  return withSourceMaybeAway(
    flags,
    async (project) => {
      if (wish === 'finalize' && !flags.yes)
        demandYes(cli, flags.json, `finalizing ${name} takes the way back with it`);
      if (!(await agrees(project.cluster, { wish, name, flags, cli }))) return EXIT.done;
      const steered = await steer(project.cluster, name, wish, {
        signal: cli.signal,
        force: flags.force,
        onLook: tellWaits(cli, flags),
      });
      if (steered.type === 'done') return say(cli, flags, steered.phase, steered.record);
      if (wish === 'pause') return say(cli, flags, 'paused', steered.record);
      const definition = await definitionOrWhy(project, name);
      return coordinate({ cluster: project.cluster, definition, steered, wish, flags, cli });
    },
    { indexes: WITHOUT_INDEXES.has(wish) ? 'later' : 'now' },
  );
}

interface Asked {
  readonly wish: Verb;
  readonly name: string;
  readonly flags: SteerFlags;
  readonly cli: Cli;
}

/** To what can't be undone. In a script, to give a migration up is said by the command itself. */
async function agrees(cluster: Cluster, { wish, name, flags, cli }: Asked): Promise<boolean> {
  if (flags.yes || !canAsk(cli, flags.json) || (wish !== 'finalize' && wish !== 'abort')) return true;
  const record = (await loadRecord(cluster, name))?.source;
  // what is not under way is reported
  if (!record || isOver(record)) return true;
  if (wish === 'finalize') {
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

/** Wishes that are carried out without an index file, where nobody else coordinates. */
const WITHOUT_INDEXES: ReadonlySet<Verb> = new Set(['pause', 'rollback', 'abort']);

/** What the coordinator waits for, once each, and each move of readers or writers. */
function tellWaits(cli: Cli, { json }: SteerFlags): (record: MigrationRecord) => void {
  let told = '';
  let where: string | undefined;
  return (record) => {
    if (json) return;
    const { name, message } = record;
    const now = whereText(record);
    if (where !== undefined && now !== where) cli.io.stderr.write(`${name}: ${now}\n`);
    where = now;
    if (message !== '' && message !== told) cli.io.stderr.write(`${name}: ${message}\n`);
    told = message;
  };
}

interface Orphan {
  readonly cluster: Cluster;
  readonly definition: IndexDefinition | Undeclared;
  readonly steered: Extract<Steered, { type: 'nobodyCoordinates' }>;
  readonly wish: Verb;
  readonly flags: SteerFlags;
  readonly cli: Cli;
}

/** The wish is in the journal: this coordinator is the one to grant it. */
async function coordinate({ cluster, definition, steered, wish, flags, cli }: Orphan): Promise<ExitCode> {
  const { name, options, goal } = steered.record;
  cli.io.stderr.write(`${name}: nobody coordinates this migration, so this process does\n`);
  const bus = new EventBus();
  const report = startReport(bus, cli.io, flags.json ?? false);
  const granted = new AbortController();
  const returns = flags.stay === false;
  const run = runMigration(cluster, definition, {
    ...options,
    keepMs: options.keepMs ?? undefined,
    until: goal === 'aborted' ? 'ready' : (goal satisfies Border),
    bus,
    signal: AbortSignal.any([cli.signal, granted.signal]),
    // where a hook keeps it from its end, nobody would ask again
    // resumed, it goes on to its goal
    stay: wish !== 'finalize' && wish !== 'abort' && !(returns && wish === 'resume'),
    endsWhenRefused: true,
  });
  let moved: Moved | undefined;
  const moving = granting(cluster, steered.asked, AbortSignal.any([cli.signal, granted.signal])).then(
    (at) => (moved = at),
  );
  moving.catch(() => undefined);
  const endsThen = wish === 'rollback' || wish === 'verify' || (returns && wish !== 'resume');
  try {
    const byOthers = run.catch((error: unknown) => {
      if (!isTwindexError(error, 'lease_held')) throw error;
      cli.io.stderr.write(
        `${name}: another process coordinates this migration now, and carries the command out\n`,
      );
      return moving;
    });
    const ends = Promise.race([byOthers, endsThen ? moving : byOthers]);
    const result = await untilInterrupted(() => moved, ends, cli);
    const missed = whyMissed(result.record, steered.asked);
    if (missed !== undefined) throw 'why' in definition ? definition.why : new TwindexError('unsafe', missed);
    if (!isOver(result.record))
      cli.io.stderr.write(
        `${name}: ${secondIndex(result.record)} is not kept in step now; a gateway, or twindex migrate ${name}, goes on with it\n`,
      );
    return say(cli, flags, result.phase, result.record);
  } finally {
    granted.abort();
    await run.catch(() => undefined);
    report.stop();
  }
}

interface Moved {
  readonly phase: string;
  readonly record: MigrationRecord;
}

/** Whoever ends the process after what it was asked for is done has ended no more than the keeping in step: nothing has failed. */
async function untilInterrupted(
  moved: () => Moved | undefined,
  ends: Promise<Moved>,
  { signal }: Cli,
): Promise<Moved> {
  try {
    return await ends;
  } catch (error) {
    const done = signal.aborted ? moved() : undefined;
    if (!done) throw error;
    return done;
  }
}

/** A run may end without what it was begun for: others have moved the aliases meanwhile, or it needs an index file for it. */
function whyMissed(record: MigrationRecord, asked: Wish): string | undefined {
  if (asked.wish !== 'abort' && asked.wish !== 'rollback') return undefined;
  if (isGranted({ ...record, handledWish: asked.id }, asked)) return undefined;
  return whyNot(record, asked) ?? `${record.name} is ${phaseOf(record)}. See: twindex status ${record.name}`;
}

/** Once that is done, nobody waits for this process any more: it need not keep the indexes in step. */
async function granting(cluster: Cluster, asked: Wish, signal: AbortSignal): Promise<Moved> {
  for (;;) {
    // a look that fails tells nothing: the coordinator goes on, and says itself what ends it
    const found = await loadRecord(cluster, asked.name).catch(() => undefined);
    if (found && isGranted(found.source, asked))
      return { phase: phaseOf(found.source), record: found.source };
    await sleep(LOOK_MS, undefined, { signal });
  }
}

const LOOK_MS = 300;

function say(cli: Cli, flags: SteerFlags, phase: string, record: MigrationRecord): ExitCode {
  if (flags.json)
    print(cli.io, JSON.stringify({ event: 'result', name: record.name, phase, evidence: record.evidence }));
  else {
    print(cli.io, `${record.name}: ${phase}`);
    for (const line of evidenceLines(record)) print(cli.io, `  ${line}`);
  }
  return EXIT.done;
}
