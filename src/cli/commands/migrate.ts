// `twindex migrate`: carries out what `plan` says, and goes on with what was begun.
import { type Command, Option } from 'commander';
import { TwindexError } from '../../errors.js';
import { EventBus } from '../../events.js';
import type { MigrationRecord } from '../../journal/record.js';
import { type Beginning, type Border, type MigrateOptions, runMigration } from '../../migration/run.js';
import { applyPlan } from '../../plan/apply.js';
import { makePlan, type Plan } from '../../plan/plan.js';
import { renderPlan } from '../../plan/renderPlan.js';
import type { IndexDefinition } from '../../schema/types.js';
import { askYesOrNo, canAsk, choose, demandYes } from '../ask.js';
import { addCommand, type Cli, durationOption, type GlobalOptions, print, wantsColours } from '../cli.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { demandFresh, readPlanFile } from '../planFile.js';
import { definitionOf, type Project, withProject } from '../project.js';
import { startReport } from '../report.js';
import { evidenceLines } from '../statusText.js';

interface MigrateFlags extends GlobalOptions {
  readonly until?: Border;
  readonly yes?: boolean;
  readonly plan?: string;
  readonly grace: number;
  readonly maxLag: number;
  readonly maxWritePause: number;
  readonly keep?: number;
  readonly lease: number;
  readonly dropRejected?: boolean;
  readonly maxRejected: number;
  readonly allowOutage?: boolean;
  readonly stay: boolean;
}

export function registerMigrate(program: Command, cli: Cli): void {
  addCommand(
    program,
    'migrate <name>',
    'bring the live index to what is declared, or go on with what was begun',
  )
    .addOption(
      new Option('--until <border>', 'how far to go').choices(['ready', 'cutover', 'switched', 'finalized']),
    )
    .option('--yes', 'do not ask')
    .option('--plan <file>', 'carry out this plan only; refused when it is stale')
    .addOption(
      durationOption('--max-lag <duration>', 'cut over only when the new index is no further behind', '1s'),
    )
    .addOption(durationOption('--max-write-pause <duration>', 'longest time that writes are refused', '2s'))
    .addOption(
      durationOption('--grace <duration>', 'longer than any request lives inside the cluster', '60s'),
    )
    .addOption(
      durationOption('--keep <duration>', 'close the old index at the end and keep it (default: delete it)'),
    )
    .addOption(
      durationOption(
        '--lease <duration>',
        'a coordinator that is silent for so long is taken for dead',
        '10s',
      ),
    )
    .option('--drop-rejected', 'go on without the documents that the new index refuses')
    .addOption(
      new Option('--max-rejected <n>', 'give up when the new index refuses more documents')
        .argParser(wholeNumber)
        .default(1_000),
    )
    .option('--allow-outage', 'let the index be closed for a moment where only that is needed')
    .option('--no-stay', 'end at the border, even if an index should be kept in step')
    .action(cli.action((name: string, flags: MigrateFlags) => migrate(name, flags, cli)));
}

async function migrate(name: string, flags: MigrateFlags, cli: Cli): Promise<ExitCode> {
  return withProject(flags, async (project) => {
    const definition = definitionOf(project, name);
    const plan = await makePlan(project.cluster, definition);
    if (flags.plan) demandFresh(await readPlanFile(flags.plan, name), plan, flags.plan);
    if (flags.json) print(cli.io, JSON.stringify({ event: 'plan', plan }));
    else print(cli.io, renderPlan(plan, { colours: wantsColours(cli.io), next: false }));
    if (plan.kind === 'nothing') return EXIT.done;
    if (plan.kind === 'blocked') throw new TwindexError('unsafe', blockedMessage(plan));
    const job = { project, definition, plan, flags, cli };
    return plan.kind === 'new-version' || plan.kind === 'running' ? copy(job) : change(job);
  });
}

interface Job {
  readonly project: Project;
  readonly definition: IndexDefinition;
  readonly plan: Plan;
  readonly flags: MigrateFlags;
  readonly cli: Cli;
}

async function change({ project, definition, plan, flags, cli }: Job): Promise<ExitCode> {
  const agreed =
    plan.kind === 'close-and-open'
      ? await agreeToOutage(plan, flags, cli)
      : flags.yes || (await agree(cli, flags, `${plan.name}: carry this out?`));
  if (!agreed) return declined(cli, flags);
  await applyPlan(project.cluster, definition, plan);
  const index = plan.target?.index ?? plan.source?.index;
  if (flags.json) print(cli.io, JSON.stringify({ event: 'result', name: plan.name, phase: 'done', index }));
  else print(cli.io, `\n${index} is as declared.`);
  return EXIT.done;
}

async function agree(cli: Cli, flags: MigrateFlags, question: string): Promise<boolean> {
  demandYes(cli, flags.json, question.replace(/\?$/, ' has to be agreed to'));
  return askYesOrNo(cli, question);
}

/** `--yes` alone is no yes to an outage. */
async function agreeToOutage(plan: Plan, flags: MigrateFlags, cli: Cli): Promise<boolean> {
  if (flags.allowOutage) return flags.yes || (await agree(cli, flags, `${plan.name}: close the index now?`));
  if (flags.yes || !canAsk(cli, flags.json)) {
    throw new TwindexError(
      'unsafe',
      `${plan.source?.index} has to be closed for this change: for a moment it can be neither read nor written. Add ` +
        '--allow-outage if that may be, or raise `version` in the index file for a new index without an outage.',
    );
  }
  const choice = await choose(cli, `${plan.source?.index} would be closed for a moment`, [
    {
      value: 'stop',
      label: 'do nothing; I raise `version` in the index file: a new index, without an outage',
    },
    { value: 'close', label: 'close it now: nobody can read or write it until it is open again' },
  ]);
  return choice === 'close';
}

function declined(cli: Cli, flags: MigrateFlags): ExitCode {
  if (!flags.json) print(cli.io, 'Nothing was changed.');
  return EXIT.done;
}

async function copy({ project, definition, plan, flags, cli }: Job): Promise<ExitCode> {
  const asks = !flags.yes && canAsk(cli, flags.json);
  if (!asks && !flags.yes) demandYes(cli, flags.json, `the migration of ${plan.name} has to be agreed to`);
  if (asks && plan.kind !== 'running' && !(await askYesOrNo(cli, `${plan.name}: begin?`)))
    return declined(cli, flags);
  const bus = new EventBus();
  const report = startReport(bus, cli.io, flags.json ?? false);
  const until = flags.until ?? defaultBorder(plan, asks);
  if (until === 'cutover' && plan.layout !== 'two-aliases' && plan.kind === 'new-version')
    throw new TwindexError(
      'usage',
      `readers and writers of ${plan.name} come through one name, so they move together: use --until ready or --until switched`,
    );
  try {
    const { phase, record } = await runMigration(
      project.cluster,
      definition,
      {
        ...optionsFrom(flags),
        until,
        bus,
        signal: cli.signal,
        ...(asks ? { confirm: (next, now) => report.whileSilent(() => confirmBorder(cli, next, now)) } : {}),
      },
      beginningOf(plan),
    );
    report.stop();
    sayResult(cli, flags, phase, record);
    return EXIT.done;
  } finally {
    report.stop();
  }
}

/** Where documents change their shape, the writers have to be looked after before they are switched. */
function defaultBorder({ transform, layout }: Plan, asks: boolean): Border {
  if (!transform || asks) return 'finalized';
  return layout === 'two-aliases' ? 'cutover' : 'ready';
}

function optionsFrom(flags: MigrateFlags): Omit<MigrateOptions, 'until' | 'bus' | 'signal' | 'confirm'> {
  return {
    maxLagMs: flags.maxLag,
    maxWritePauseMs: flags.maxWritePause,
    graceMs: flags.grace,
    leaseMs: flags.lease,
    keepMs: flags.keep,
    dropRejected: flags.dropRejected ?? false,
    maxRejected: flags.maxRejected,
    stay: flags.stay,
  };
}

function beginningOf({ kind, source, target, layout }: Plan): Beginning | undefined {
  if (kind !== 'new-version' || !source || !target || layout === 'none') return undefined;
  return { source: { index: source.index, version: source.version }, target, layout };
}

const BORDER_QUESTION: Readonly<Record<Border, (record: MigrationRecord) => string>> = {
  ready: ({ target }) => `fill ${target.index}?`,
  cutover: ({ target }) => `move the readers to ${target.index}? (they can be taken back at any time)`,
  switched: ({ target }) => `switch the writers to ${target.index}? (writes are refused for a moment)`,
  finalized: ({ source }) => `finalize? (${source.index} goes, and with it the way back)`,
};

async function confirmBorder(cli: Cli, next: Border, record: MigrationRecord): Promise<boolean> {
  for (const line of evidenceLines(record)) print(cli.io, `  ${line}`);
  return askYesOrNo(cli, `${record.name}: ${BORDER_QUESTION[next](record)}`);
}

const NEXT_COMMAND: Readonly<Record<string, string>> = {
  ready: 'cutover',
  cutover: 'switch',
  switched: 'finalize',
};

function sayResult(cli: Cli, flags: MigrateFlags, phase: string, record: MigrationRecord): void {
  const { name, evidence } = record;
  if (flags.json) {
    print(cli.io, JSON.stringify({ event: 'result', name, phase, evidence }));
    return;
  }
  print(cli.io, `${name}: ${phase}`);
  for (const line of evidenceLines(record)) print(cli.io, `  ${line}`);
  const next = NEXT_COMMAND[phase];
  if (next)
    print(cli.io, `Next: twindex migrate ${name} keeps it in step; twindex ${next} ${name} goes further.`);
}

function blockedMessage({ name, findings }: Plan): string {
  const blocks = findings.filter(({ level }) => level === 'block').map(({ message }) => message);
  return `${name} can't be migrated, nothing was changed: ${blocks.join(' ')}`;
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new TwindexError('usage', `--max-rejected: "${text}" is not a whole number`);
}
