// `twindex migrate` for several indexes: makes all plans, asks once, and then migrates a few indexes at a
// time, each up to the phase of `--until` or its default. If the migration of one index fails, the others continue.
import {
  blocked,
  isMigration,
  needsOutage,
  needsWayBack,
  planOf,
  type ReviewedPlan,
  unattendedGate,
} from '../../api/executePlan.js';
import { type Consent, migrateIndex } from '../../api/migrateIndex.js';
import { planResult } from '../../api/planResult.js';
import { chosenDefinitions, type Project } from '../../api/project.js';
import { isTwindexError, messageOf, TwindexError } from '../../errors.js';
import { EventBus } from '../../events.js';
import { createJournal } from '../../journal/journal.js';
import { type FleetOutcome, runFleet } from '../../coordinator/migration/steering/runFleet.js';
import { NeedsYou } from '../../coordinator/migration/runMigration.js';
import type { Plan } from '../../plan/makePlan.js';
import { withTimes } from '../../plan/estimateTimes.js';
import { renderPlans } from '../text/planReport.js';
import { renderPlan } from '../text/renderPlan.js';
import type { IndexDefinition } from '../../schema/types.js';
import { askYesOrNo, requireYes } from '../ask.js';
import type { Cli } from '../cli.js';
import { whileServingMetrics } from '../metricsPort.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { viewOf } from '../text/textLayout.js';
import { type FleetReport, startFleetReport } from '../text/fleetReport.js';
import { type FleetEntry, fleetExitCode, summaryEvent, summaryText } from '../text/fleetSummary.js';
import { reviewedPlan } from '../planFile.js';
import { resultEvent } from '../resultEvent.js';
import { tellOnStderr, withProject } from '../openProject.js';
import { eventText, printEvent } from '../text/printEvent.js';
import { type MigrateFlags, settingsOf, stepOptions } from '../migrateFlags.js';

/** @param names names and patterns; empty: all declared indexes */
export async function migrateFleet(
  names: readonly string[],
  flags: MigrateFlags,
  cli: Cli,
): Promise<ExitCode> {
  return withProject(flags, (project) =>
    whileServingMetrics(project.cluster, flags, cli, () => migrateAll({ project, flags, cli }, names)),
  );
}

async function migrateAll(fleet: Fleet, names: readonly string[]): Promise<ExitCode> {
  const { project, flags, cli } = fleet;
  const tell = tellOnStderr(cli);
  const definitions = await chosenDefinitions(project, names, tell);
  const members = await planAll(fleet, definitions);
  const toDo = members.filter((member): member is ToDo => member.plan !== undefined && !member.entry);
  if (toDo.length > 0 && !flags.yes && !(await agreed(toDo, flags, cli))) return EXIT.done;
  const entries = await executeAll(fleet, members, toDo);
  print(cli.io, flags.json ? eventText(summaryEvent(entries)) : `\n${summaryText(entries)}`);
  return fleetExitCode(entries);
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
  readonly reviewed: ReviewedPlan | undefined;
  /** The outcome, if the plan already decides it: nothing to do, or not possible. */
  readonly entry: FleetEntry | undefined;
}

interface ToDo extends Member {
  readonly plan: Plan;
}

/** Makes and shows all plans. A plan that cannot be made or carried out fails only its own index. */
async function planAll(fleet: Fleet, definitions: readonly IndexDefinition[]): Promise<Member[]> {
  const { project, flags, cli } = fleet;
  const reviewed = new Map<string, ReviewedPlan | undefined>();
  for (const { name } of definitions) reviewed.set(name, await reviewedPlan(flags.plan, name));
  const { route, from } = flags;
  const run = (definition: IndexDefinition): Promise<Plan> =>
    planOf(project, {
      definition,
      route,
      given: from !== undefined,
      reviewed: reviewed.get(definition.name),
    });
  const outcomes = await runFleet(definitions, run, { atOnce: flags.atOnce, signal: cli.signal });
  cli.signal.throwIfAborted();
  const members = definitions.map((definition, n): Member => {
    const outcome = outcomes[n] as FleetOutcome<Plan>;
    const plan = outcome.type === 'done' ? outcome.result : undefined;
    return {
      definition,
      plan,
      reviewed: reviewed.get(definition.name),
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
    for (const plan of plans) printEvent(io, { event: 'plan', plan: planResult(plan, steps) });
    return;
  }
  const look = viewOf(io);
  const show = (plan: Plan): string => renderPlan(plan, { ...look, next: false, steps });
  if (plans.length > 0) print(io, `${renderPlans(plans, { show, width: look.width, grouped: true })}\n`);
}

/** @returns the outcome, if the plan shows it already; undefined if there is work to do */
function decided(plan: Plan, flags: MigrateFlags): FleetEntry | undefined {
  const { name, kind } = plan;
  if (kind === 'nothing') return { name, type: 'unchanged' };
  if (kind === 'blocked') return { name, type: 'failed', error: blocked(plan) };
  if (kind === 'close-and-open' && !flags.allowOutage)
    return { name, type: 'failed', error: needsOutage(plan) };
  if (isMigration(plan)) {
    const gate = flags.until ?? unattendedGate(plan);
    const error = needsWayBack(plan, gate, flags.allowNoWayBack ?? false);
    if (error) return { name, type: 'failed', error };
  }
  return undefined;
}

async function agreed(toDo: readonly ToDo[], flags: MigrateFlags, cli: Cli): Promise<boolean> {
  const what = toDo.length === 1 ? 'one index' : `${toDo.length} indexes`;
  requireYes(cli, flags.json, `the changes of ${what} need your consent`);
  const closed = toDo.filter(({ plan }) => plan.kind === 'close-and-open').length;
  const outage =
    closed > 0 ? ` (this closes ${closed === 1 ? 'one index' : `${closed} indexes`} for a moment)` : '';
  if (await askYesOrNo(cli, `Carry out the plans of ${what}${outage}? There are no further questions.`))
    return true;
  print(cli.io, 'Nothing was changed.');
  return false;
}

async function executeAll(
  fleet: Fleet,
  members: readonly Member[],
  toDo: readonly ToDo[],
): Promise<FleetEntry[]> {
  const { project, flags, cli } = fleet;
  // otherwise the first migration would create the journal, and the others would have to wait for its shard
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
      report.warn(`${name} waits for you: ${error.message}`);
      return { name, type: 'needsYou', message: error.message };
    } else {
      report.end(name, 'failed');
      report.warn(failureText(name, error));
    }
    throw error;
  }
}

/**
 * Makes a new plan and carries it out: the plan that was shown may be hours old, and other migrations have
 * used disk space since.
 */
async function executeNow(
  { project, flags, cli }: Fleet,
  { definition, plan: shown, reviewed }: ToDo,
  bus: EventBus,
): Promise<FleetEntry> {
  const { plan, ...outcome } = await migrateIndex(project, {
    definition,
    route: flags.route,
    reviewed,
    settings: settingsOf(flags),
    consent: consentToShown(shown, flags),
    bus,
    signal: cli.signal,
    stay: false,
  });
  if (outcome.type === 'declined')
    throw new TwindexError(
      'failed',
      `${plan.name}: nothing was changed, because you did not agree to the plan`,
    );
  return { name: plan.name, ...outcome };
}

/** The user has agreed to the plans that were shown, so no other plan may be carried out. */
const consentToShown = (shown: Plan, { until }: MigrateFlags): Consent => ({
  toChange: async (now) => {
    requireAgreed(shown, now);
    return true;
  },
  toMigrate: async (now) => {
    requireAgreed(shown, now);
    return { until: until ?? unattendedGate(now) };
  },
});

/**
 * @throws TwindexError `plan_stale` if the plan has another kind or target than the shown plan. A migration that
 * somebody else has begun meanwhile is resumed, as `migrate` does for a single index
 */
function requireAgreed(shown: Plan, now: Plan): void {
  if (now.kind === 'running' || (now.kind === shown.kind && now.target?.index === shown.target?.index))
    return;
  throw new TwindexError(
    'plan_stale',
    `the plan of ${now.name} has changed since it was shown (${shown.kind} then, ${now.kind} now). twindex has changed nothing.`,
    { hint: 'Run the same command again to see the new plan.' },
  );
}

function entryOf(name: string, outcome: FleetOutcome<unknown>): FleetEntry {
  if (outcome.type === 'done') return outcome.result as FleetEntry;
  return { name, ...outcome };
}

function resultText(entry: FleetEntry, flags: MigrateFlags): string {
  if (entry.type !== 'migrated') {
    const index = entry.type === 'changed' ? entry.index : undefined;
    return flags.json
      ? eventText(resultEvent.changed(entry.name, index))
      : `${entry.name}: the live index is now as declared`;
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
