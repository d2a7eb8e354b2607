// `twindex migrate`: carries out a plan, and resumes a migration. This file handles one index, with a
// question at each gate; fleet.ts handles several.
import { type Command, Option } from 'commander';
import { defaultGate, needsOutage, needsWayBack } from '../../api/executePlan.js';
import { withFile } from '../../api/fromFile.js';
import { type Consent, migrateIndex, type MigrateOutcome } from '../../api/migrateIndex.js';
import { planResult } from '../../api/planResult.js';
import { definitionOf, type Project } from '../../api/project.js';
import { TwindexError } from '../../errors.js';
import { EventBus } from '../../events.js';
import type { MigrationRecord } from '../../protocol/record.js';
import type { Gate } from '../../coordinator/migration/runMigration.js';
import type { Plan } from '../../plan/makePlan.js';
import { withTimes } from '../../plan/estimateTimes.js';
import { renderPlan } from '../text/renderPlan.js';
import { isPattern } from '../../schema/family.js';
import { askToType, askYesOrNo, canAsk, choose, requireYes } from '../ask.js';
import { type Cli, durationOption } from '../cli.js';
import { addMetricsOptions, whileServingMetrics } from '../metricsPort.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { forceOption } from '../force.js';
import { reviewedPlan } from '../planFile.js';
import { withProject } from '../openProject.js';
import { type Report, startReport } from '../text/eventReport.js';
import { evidenceLines } from '../text/gateEvidence.js';
import { viewOf } from '../text/textLayout.js';
import { migrateFleet } from './fleet.js';
import { resultEvent } from '../resultEvent.js';
import { routeOption } from '../route.js';
import { maxDocsOption, maxSlowdownOption } from './throttle.js';
import { printEvent } from '../text/printEvent.js';
import { type MigrateFlags, settingsOf, stepOptions } from '../migrateFlags.js';
import { withSpinner } from '../spinner.js';

export function registerMigrate(command: Command, cli: Cli): void {
  command
    .option('--all', 'migrate all declared indexes')
    .addOption(
      new Option('--at-once <n>', 'with several indexes: how many to migrate at the same time')
        .argParser(atLeastOne)
        .default(4),
    )
    .addOption(
      new Option('--until <phase>', 'phase at which to end').choices([
        'ready',
        'cutover',
        'switched',
        'finalized',
      ]),
    )
    .addOption(routeOption())
    .option('--from <file>', 'documents from the source of truth, as NDJSON; - for stdin (route reingest)')
    .option('--prune', 'leave out documents that the source of truth does not have (route reingest)')
    .addOption(maxDocsOption())
    .addOption(maxSlowdownOption())
    .option('--no-throttle', 'copy as fast as possible, even if other requests become slower')
    .option(
      '--yes',
      'do not ask; an outage, or a switch without a rollback, still needs its own --allow option',
    )
    .option('--plan <file>', 'carry out exactly this saved plan; refuse if it is stale')
    .addOption(
      durationOption('--max-lag <duration>', 'largest lag at which readers or writers may be moved', '1s'),
    )
    .addOption(
      durationOption('--max-write-pause <duration>', 'longest time for which writes may be refused', '2s'),
    )
    .addOption(
      durationOption(
        '--grace <duration>',
        'time after which no earlier request can still take effect in the cluster',
        '60s',
      ),
    )
    .addOption(
      durationOption(
        '--keep <duration>',
        'at the end, only close the old index; status then shows how long to keep it',
      ),
    )
    .addOption(
      durationOption(
        '--soak <duration>',
        'how long to wait after moving readers, and again after moving writers',
      ),
    )
    .addOption(
      durationOption(
        '--lease <duration>',
        'time without a sign of life after which the coordinator counts as dead',
        '10s',
      ),
    )
    .option('--drop-rejected', 'continue without rejected documents')
    .addOption(
      new Option('--max-rejected <n>', 'stop when more documents than this are rejected')
        .argParser(wholeNumber)
        .default(1_000),
    )
    .addOption(forceOption())
    .option('--allow-outage', 'allow closing the index for a moment, if that avoids a new index')
    .option(
      '--allow-no-way-back',
      'allow the switch of an index without aliases, which cannot be rolled back',
    )
    .option(
      '--no-stay',
      'exit when the phase of --until is reached (default: stay while two indexes have to be kept in sync)',
    )
    .action(cli.action((names: string[], flags: MigrateFlags) => migrate(names, flags, cli)));
  addMetricsOptions(command);
}

async function migrate(names: readonly string[], flags: MigrateFlags, cli: Cli): Promise<ExitCode> {
  const [name] = names;
  if ((name === undefined) !== (flags.all === true))
    throw new TwindexError(
      'usage',
      "name the indexes to migrate (also by patterns such as 'tenant-*'), or use --all without names. See twindex --help.",
    );
  const single = name !== undefined && names.length === 1 && !isPattern(name);
  if (flags.from !== undefined && !single)
    throw new TwindexError(
      'usage',
      'the file of --from has the documents of one index: name this index. See twindex --help.',
    );
  const told = await withFile(flags);
  return single ? migrateOne(name, told, cli) : migrateFleet(names, told, cli);
}

async function migrateOne(name: string, flags: MigrateFlags, cli: Cli): Promise<ExitCode> {
  return withProject(flags, (project) =>
    whileServingMetrics(project.cluster, flags, cli, () => migrateIn(project, name, flags, cli)),
  );
}

async function migrateIn(project: Project, name: string, flags: MigrateFlags, cli: Cli): Promise<ExitCode> {
  const definition = await definitionOf(project, name);
  const reviewed = await reviewedPlan(flags.plan, name);
  const bus = new EventBus();
  const report = startReport(bus, cli.io, flags.json ?? false);
  try {
    const outcome = await migrateIndex(project, {
      definition,
      route: flags.route,
      reviewed,
      settings: settingsOf(flags),
      consent: {
        toChange: (plan) => mayChange(plan, flags, cli),
        toMigrate: mayMigrate(flags, cli, report),
      },
      bus,
      signal: cli.signal,
      stay: flags.stay,
      preparing: (make) =>
        withSpinner(cli.io, `comparing ${name} with its index file`, async () => {
          const plan = await make();
          const [timed = plan] = await withTimes(project.cluster, [plan]);
          return timed;
        }),
      onPlan: (plan) => showPlan(plan, flags, cli),
    });
    report.stop();
    sayOutcome(cli, flags, outcome);
    return EXIT.done;
  } finally {
    report.stop();
  }
}

function showPlan(plan: Plan, flags: MigrateFlags, { io }: Cli): void {
  const steps = stepOptions(flags);
  if (flags.json) printEvent(io, { event: 'plan', plan: planResult(plan, steps) });
  else print(io, renderPlan(plan, { ...viewOf(io), next: false, steps }));
}

async function mayChange(plan: Plan, flags: MigrateFlags, cli: Cli): Promise<boolean> {
  if (plan.kind === 'close-and-open') return agreeToOutage(plan, flags, cli);
  return flags.yes || (await agree(cli, flags, `${plan.name}: carry out this plan?`));
}

async function agree(cli: Cli, flags: MigrateFlags, question: string): Promise<boolean> {
  requireYes(cli, flags.json, `${question} This needs your consent`);
  return askYesOrNo(cli, question);
}

/** Asks before the index is closed. `--yes` alone does not agree to an outage. */
async function agreeToOutage(plan: Plan, flags: MigrateFlags, cli: Cli): Promise<boolean> {
  if (flags.allowOutage) return flags.yes || (await agree(cli, flags, `${plan.name}: close the index now?`));
  if (flags.yes || !canAsk(cli, flags.json)) throw needsOutage(plan);
  const choice = await choose(cli, `${plan.source?.index} would be closed for a moment`, [
    {
      value: 'stop',
      label: 'do nothing; I will raise `version` in the index file, for a new index without an outage',
    },
    { value: 'close', label: 'close it now; nobody can read or write it until it is open again' },
  ]);
  return choice === 'close';
}

const mayMigrate =
  (flags: MigrateFlags, cli: Cli, report: Report): Consent['toMigrate'] =>
  async (plan) => {
    const asks = !flags.yes && canAsk(cli, flags.json);
    if (!asks && !flags.yes) requireYes(cli, flags.json, `the migration of ${plan.name} needs your consent`);
    const until = flags.until ?? (asks ? 'finalized' : defaultGate(plan));
    if (!asks) {
      const noWayBack = needsWayBack(plan, until, flags.allowNoWayBack ?? false);
      if (noWayBack) throw noWayBack;
      return { until };
    }
    if (plan.kind !== 'running' && !(await askYesOrNo(cli, `${plan.name}: begin?`))) return undefined;
    return { until, confirm: (next, now) => report.whileSilent(() => confirmGate(cli, next, now)) };
  };

const GATE_QUESTION: Readonly<Record<Gate, (record: MigrationRecord) => string>> = {
  ready: ({ target }) => `fill ${target.index}?`,
  cutover: ({ target }) => `move the readers to ${target.index}? (you can move them back at any time)`,
  switched: ({ source, target, layout }) =>
    layout === 'bare-index'
      ? `switch to ${target.index}? (this deletes ${source.index}, cannot be undone, and refuses writes for a moment)`
      : `switch the writers to ${target.index}? (writes are refused for a moment)`,
  finalized: ({ source }) =>
    `finalize? (no rollback after this: ${source.index} is deleted, or closed with --keep)`,
};

async function confirmGate(cli: Cli, next: Gate, record: MigrationRecord): Promise<boolean> {
  for (const line of evidenceLines(record, viewOf(cli.io))) print(cli.io, line);
  const question = `${record.name}: ${GATE_QUESTION[next](record)}`;
  const goes = next === 'finalized' || (next === 'switched' && record.layout === 'bare-index');
  return goes ? askToType(cli, question, record.source.index) : askYesOrNo(cli, question);
}

const NEXT_COMMAND: Readonly<Record<string, string>> = {
  ready: 'cutover',
  cutover: 'switch',
  switched: 'finalize',
};

function sayOutcome(cli: Cli, flags: MigrateFlags, outcome: MigrateOutcome): void {
  const { name } = outcome.plan;
  const say = (event: object, ...lines: string[]): void => {
    if (flags.json) printEvent(cli.io, event);
    else for (const line of lines) print(cli.io, line);
  };
  switch (outcome.type) {
    case 'unchanged':
      return;
    case 'declined':
      if (!flags.json) print(cli.io, 'Nothing was changed.');
      return;
    case 'changed':
      say(resultEvent.changed(name, outcome.index), `\n${outcome.index} is as declared.`);
      return;
    case 'migrated': {
      const { phase, record } = outcome;
      const next = NEXT_COMMAND[phase];
      say(
        resultEvent.migrated(record, phase),
        `${name}: ${phase}`,
        ...evidenceLines(record, viewOf(cli.io)),
        ...(next
          ? [
              `Next: twindex migrate ${name} keeps both indexes in sync; twindex ${next} ${name} makes the next move.`,
            ]
          : []),
      );
    }
  }
}

function atLeastOne(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new TwindexError('usage', `--at-once: "${text}" is not a whole number, 1 or more`);
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new TwindexError('usage', `--max-rejected: "${text}" is not a whole number`);
}
