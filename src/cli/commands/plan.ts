// `twindex plan`: compares the live index with the declared one, and shows the steps that a migration needs.
import { type Command, Option } from 'commander';
import { type Planned, planIndexes } from '../../api/planIndexes.js';
import { planResult } from '../../api/planResult.js';
import { chosenDefinitions } from '../../api/project.js';
import { TwindexError } from '../../errors.js';
import type { Route } from '../../protocol/record.js';
import type { Plan } from '../../plan/makePlan.js';
import { planMarkdown } from '../text/planMarkdown.js';
import { renderPlans } from '../text/planReport.js';
import { renderPlan } from '../text/renderPlan.js';
import { renderSample } from '../text/renderSample.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { viewOf } from '../text/textLayout.js';
import { planReport, writePlanFile } from '../planFile.js';
import { routeOption } from '../route.js';
import { withSpinner } from '../spinner.js';
import { tellOnStderr, withProject } from '../openProject.js';
import { printJson } from '../../json/exactJson.js';

interface PlanFlags extends GlobalOptions {
  readonly route?: Route;
  readonly out?: string;
  readonly check?: boolean;
  readonly sample?: number;
  readonly explain?: boolean;
  readonly format: 'text' | 'markdown';
}

const MAX_SAMPLE = 100_000;

export function registerPlan(command: Command, cli: Cli): void {
  command
    .option('--out <file>', 'save the plan, for twindex migrate --plan')
    .option('--check', 'exit with 2 if there is something to do')
    .addOption(
      new Option(
        '--sample <n>',
        'try the transform and the new mapping on this many live documents (at most 100,000)',
      ).argParser(sampleSize),
    )
    .addOption(routeOption())
    .option('--explain', 'show the reasons in full, and the whole content of a new index')
    .addOption(
      new Option('--format <format>', 'markdown: for a comment on a pull request')
        .choices(['text', 'markdown'])
        .default('text'),
    )
    .action(cli.action((names: string[], flags: PlanFlags) => plan(names, flags, cli)));
}

async function plan(names: readonly string[], flags: PlanFlags, cli: Cli): Promise<ExitCode> {
  const notes: string[] = [];
  const { route, sample } = flags;
  const planned = await withSpinner(cli.io, 'comparing the live indexes with the declared ones', () =>
    withProject(flags, async (project) => {
      const chosen = await chosenDefinitions(project, names, (note) => notes.push(note));
      return planIndexes(project, chosen, { route, sample, signal: cli.signal });
    }),
  );
  for (const note of notes) tellOnStderr(cli)(note);
  const plans = planned.map((each) => each.plan);
  // the file gets the plans without samples, since it should not contain values of documents
  if (flags.out)
    await writePlanFile(
      flags.out,
      plans.map((each) => planResult(each)),
    );
  print(cli.io, outputOf(planned, flags, cli));
  return exitCodeFor(plans, flags.check ?? false);
}

function outputOf(planned: readonly Planned[], flags: PlanFlags, { io }: Cli): string {
  const plans = planned.map((each) => each.plan);
  const explain = flags.explain ?? false;
  if (flags.json) return printJson(planReport(planned.map((each) => planResult(each.plan, {}, each.sample))));
  const look = { ...viewOf(io), explain };
  const samples = new Map(planned.map((each) => [each.plan, each.sample]));
  const sampleText = (of: Plan, how: { readonly colours: boolean; readonly width?: number | undefined }) =>
    flags.sample === undefined ? [] : renderSample(of, samples.get(of), how);
  if (flags.format === 'markdown')
    return planMarkdown(plans, { explain, sample: (each) => sampleText(each, { colours: false }) });
  const show = (each: Plan): string => {
    const next = (samples.get(each)?.rejected.count ?? 0) === 0;
    return renderPlan(each, { ...look, next, sample: sampleText(each, look) });
  };
  return renderPlans(plans, { show, width: look.width, grouped: flags.sample === undefined });
}

function exitCodeFor(plans: readonly Pick<Plan, 'kind'>[], check: boolean): ExitCode {
  if (plans.some(({ kind }) => kind === 'blocked')) return EXIT.unsafe;
  return check && plans.some(({ kind }) => kind !== 'nothing') ? EXIT.pending : EXIT.done;
}

function sampleSize(text: string): number {
  const size = /^\d+$/.test(text) ? Number(text) : 0;
  if (size >= 1 && size <= MAX_SAMPLE) return size;
  throw new TwindexError(
    'usage',
    `--sample: "${text}" is not a whole number of documents from 1 to ${MAX_SAMPLE.toLocaleString('en')}`,
  );
}
