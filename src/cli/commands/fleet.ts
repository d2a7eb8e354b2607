// `twindex migrate` for several indexes: makes all plans, asks once, then migrates a few indexes at a time,
// each up to its gate. If one fails, the others continue.
import { isTwindexError, messageOf, TwindexError } from '../../errors.js';
import { EventBus } from '../../events.js';
import { createJournal } from '../../journal/journal.js';
import { type FleetOutcome, runFleet } from '../../coordinator/migration/steering/runFleet.js';
import { type Gate, NeedsYou } from '../../coordinator/migration/runMigration.js';
import type { Plan } from '../../plan/makePlan.js';
import { withTimes } from '../../plan/estimateTimes.js';
import { renderPlans } from '../text/planReport.js';
import { renderPlan } from '../text/renderPlan.js';
import type { IndexDefinition } from '../../schema/types.js';
import { askYesOrNo, demandYes } from '../ask.js';
import {
  blocked,
  change,
  copy,
  defaultGate,
  isMigration,
  needsOutage,
  needsWayBack,
  planOf,
  resultEvent,
} from '../executePlan.js';
import type { Cli } from '../cli.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { viewOf } from '../text/textLayout.js';
import { type FleetReport, startFleetReport } from '../text/fleetReport.js';
import { type FleetEntry, fleetExitCode, summaryEvent, summaryText } from '../text/fleetSummary.js';
import { planJson, readPlanFile } from '../planFile.js';
import { allDefinitions, definitionsOf, type Project, tellOnStderr, withProject } from '../openProject.js';
import { eventText, printEvent } from '../text/printEvent.js';
import { type MigrateFlags, stepOptions } from '../migrateFlags.js';

/** @param names names and patterns; empty: all declared indexes */
export async function migrateFleet(
  names: readonly string[],
  flags: MigrateFlags,
  cli: Cli,
): Promise<ExitCode> {
  return withProject(flags, async (project) => {
    const tell = tellOnStderr(cli);
    const definitions =
      names.length > 0 ? await definitionsOf(project, names, tell) : await allDefinitions(project, tell);
    const members = await planAll({ project, flags, cli }, definitions);
    const toDo = members.filter((member): member is ToDo => member.plan !== undefined && !member.entry);
    if (toDo.length > 0 && !flags.yes && !(await agreed(toDo, flags, cli))) return EXIT.done;
    const entries = await executeAll({ project, flags, cli }, members, toDo);
    print(cli.io, flags.json ? eventText(summaryEvent(entries)) : `\n${summaryText(entries)}`);
    return fleetExitCode(entries);
  });
}

interface Fleet {
  readonly project: Project;
  readonly flags: MigrateFlags;
  readonly cli: Cli;
}

interface Member {
  readonly definition: IndexDefinition;
  /** The plan that was shown; undefined if it could not be made. */
  readonly plan: Plan | undefined;
  /** The plan for this index in the file of `--plan`. */
  readonly kept: Plan | undefined;
  /** The outcome, if it is known before the run: nothing to do, or not possible. */
  readonly entry: FleetEntry | undefined;
}

interface ToDo extends Member {
  readonly plan: Plan;
}

/** Makes and shows all plans. A plan that cannot be made or carried out fails only its own index. */
async function planAll(fleet: Fleet, definitions: readonly IndexDefinition[]): Promise<Member[]> {
  const { project, flags, cli } = fleet;
  const kept = new Map<string, Plan>();
  for (const { name } of flags.plan ? definitions : [])
    kept.set(name, await readPlanFile(flags.plan ?? '', name));
  const run = (definition: IndexDefinition): Promise<Plan> =>
    planOf(project, definition, flags, kept.get(definition.name));
  const outcomes = await runFleet(definitions, run, { atOnce: flags.atOnce, signal: cli.signal });
  cli.signal.throwIfAborted();
  const members = definitions.map((definition, n): Member => {
    const outcome = outcomes[n] as FleetOutcome<Plan>;
    const plan = outcome.type === 'done' ? outcome.result : undefined;
    return {
      definition,
      plan,
      kept: kept.get(definition.name),
      entry: plan ? decided(plan, flags) : entryOf(definition.name, outcome),
    };
  });
  const plans = members.flatMap(({ plan }) => plan ?? []);
  showPlans(await withTimes(project.cluster, plans), flags, cli);
  return members;
}

function showPlans(plans: readonly Plan[], flags: MigrateFlags, { io }: Cli): void {
  const steps = stepOptions(flags);
  if (flags.json) {
    for (const plan of plans) printEvent(io, { event: 'plan', plan: planJson(plan, steps) });
    return;
  }
  const look = viewOf(io);
  const show = (plan: Plan): string => renderPlan(plan, { ...look, next: false, steps });
  if (plans.length > 0) print(io, `${renderPlans(plans, { show, width: look.width, grouped: true })}\n`);
}

/** @returns the outcome, if the plan decides it already; undefined if there is work to do */
function decided(plan: Plan, flags: MigrateFlags): FleetEntry | undefined {
  const { name, kind } = plan;
  if (kind === 'nothing') return { name, type: 'unchanged' };
  if (kind === 'blocked') return { name, type: 'failed', error: blocked(plan) };
  if (kind === 'close-and-open' && !flags.allowOutage)
    return { name, type: 'failed', error: needsOutage(plan) };
  if (isMigration(plan)) {
    const error = needsWayBack(plan, flags.until ?? fleetGate(plan), flags);
    if (error) return { name, type: 'failed', error };
  }
  return undefined;
}

async function agreed(toDo: readonly ToDo[], flags: MigrateFlags, cli: Cli): Promise<boolean> {
  const what = toDo.length === 1 ? 'one index' : `${toDo.length} indexes`;
  demandYes(cli, flags.json, `what is to be done to ${what} has to be agreed to`);
  const closed = toDo.filter(({ plan }) => plan.kind === 'close-and-open').length;
  const outage = closed > 0 ? ` (${closed} closed for a moment)` : '';
  if (await askYesOrNo(cli, `Carry this out for ${what}${outage}? Nothing more is asked.`)) return true;
  print(cli.io, 'Nothing was changed.');
  return false;
}

async function executeAll(
  fleet: Fleet,
  members: readonly Member[],
  toDo: readonly ToDo[],
): Promise<FleetEntry[]> {
  const { project, flags, cli } = fleet;
  // otherwise the first migration would create the journal, and the others would wait for its shard
  if (toDo.some(({ plan }) => isMigration(plan))) await createJournal(project.cluster);
  const bus = new EventBus();
  const report = startFleetReport(bus, cli.io, { json: flags.json ?? false, total: toDo.length });
  try {
    const run = (member: ToDo): Promise<FleetEntry> => execute(fleet, member, { bus, report });
    const outcomes = await runFleet(toDo, run, { atOnce: flags.atOnce, signal: cli.signal });
    const ended = new Map(
      toDo.map(({ plan: { name } }, n) => [name, entryOf(name, outcomes[n] as FleetOutcome<FleetEntry>)]),
    );
    return members.map(({ definition, entry }) => entry ?? (ended.get(definition.name) as FleetEntry));
  } finally {
    report.stop();
  }
}

interface Show {
  readonly bus: EventBus;
  readonly report: FleetReport;
}

async function execute(fleet: Fleet, member: ToDo, { bus, report }: Show): Promise<FleetEntry> {
  const { name } = member.plan;
  report.begin(name);
  try {
    const entry = await executeNow(fleet, member, bus);
    report.end(name, 'done');
    report.say(resultText(entry, fleet.flags));
    return entry;
  } catch (error) {
    if (fleet.cli.signal.aborted) report.end(name, 'interrupted');
    else if (error instanceof NeedsYou) {
      report.end(name, 'needsYou');
      report.warn(`${name}: waits for you: ${error.message}`);
      return { name, type: 'needsYou', message: error.message };
    } else {
      report.end(name, 'failed');
      report.warn(failureText(name, error));
    }
    throw error;
  }
}

/** Plans again, and executes: the shown plan may be hours old, and other migrations have used disk space. */
async function executeNow(
  { project, flags, cli }: Fleet,
  { definition, plan: shown, kept }: ToDo,
  bus: EventBus,
): Promise<FleetEntry> {
  const plan = await planOf(project, definition, flags, kept);
  const { name } = plan;
  if (plan.kind === 'nothing') return { name, type: 'unchanged' };
  if (plan.kind === 'blocked') throw blocked(plan);
  demandAgreed(shown, plan);
  const job = { project, definition, plan, flags };
  if (!isMigration(plan)) {
    return { name, type: 'changed', index: await change(job) };
  }
  const until = flags.until ?? fleetGate(plan);
  const result = await copy(job, { until, bus, signal: cli.signal, stay: false });
  return { name, type: 'migrated', ...result };
}

/**
 * @throws TwindexError `plan_stale` if the plan differs from the one shown. A migration that somebody else began
 * meanwhile is allowed: it is resumed, as with a single index
 */
function demandAgreed(shown: Plan, now: Plan): void {
  if (now.kind === 'running' || (now.kind === shown.kind && now.target?.index === shown.target?.index))
    return;
  throw new TwindexError(
    'plan_stale',
    `${now.name} has changed since its plan was shown (${shown.kind} then, ${now.kind} now). Nothing was changed.`,
    { hint: 'Run the same command again to see the new plan.' },
  );
}

/** The default gate, but not `cutover`: after this run nothing would keep the readers' index in sync. */
function fleetGate(plan: Plan): Gate {
  const gate = defaultGate(plan);
  return gate === 'cutover' ? 'ready' : gate;
}

function entryOf(name: string, outcome: FleetOutcome<unknown>): FleetEntry {
  if (outcome.type === 'done') return outcome.result as FleetEntry;
  return { name, ...outcome };
}

function resultText(entry: FleetEntry, flags: MigrateFlags): string {
  if (entry.type !== 'migrated') {
    const index = entry.type === 'changed' ? entry.index : undefined;
    return flags.json ? eventText(resultEvent.changed(entry.name, index)) : `${entry.name}: as declared`;
  }
  const { name, phase, record } = entry;
  if (flags.json) return eventText(resultEvent.migrated(record, phase));
  const { compared, differences } = record.evidence;
  const evidence = `${compared.toLocaleString('en')} documents compared, ${differences.toLocaleString('en')} differences`;
  return `${name}: ${phase}, ${evidence}`;
}

function failureText(name: string, error: unknown): string {
  const stack = !isTwindexError(error) && error instanceof Error && process.env['TWINDEX_DEBUG'];
  return `${name}: failed: ${stack ? error.stack : messageOf(error)}`;
}
