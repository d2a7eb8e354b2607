// `twindex plan`: compares the live index with the declared one, and shows the steps that a migration needs.
import { type Command, Option } from 'commander';
import { TwindexError } from '../../errors.js';
import type { Route } from '../../protocol/record.js';
import { runFleet } from '../../coordinator/migration/steering/runFleet.js';
import { makePlan, type Plan } from '../../plan/makePlan.js';
import { renderPlan } from '../text/renderPlan.js';
import { renderSample } from '../text/renderSample.js';
import { type Sample, takeSample } from '../../plan/sample.js';
import type { IndexDefinition } from '../../schema/types.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { print, wantsColours } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { writePlanFile } from '../planFile.js';
import { routeOption } from '../route.js';
import { allDefinitions, definitionsOf, type Project, tellOnStderr, withProject } from '../openProject.js';
import { printJson } from '../../json/exactJson.js';

interface PlanFlags extends GlobalOptions {
  readonly route?: Route;
  readonly out?: string;
  readonly check?: boolean;
  readonly sample?: number;
}

const MAX_SAMPLE = 100_000;
const AT_ONCE = 8;

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
    .action(cli.action((names: string[], flags: PlanFlags) => plan(names, flags, cli)));
}

interface Planned {
  readonly plan: Plan;
  readonly sample: Sample | undefined;
}

async function plan(names: readonly string[], flags: PlanFlags, cli: Cli): Promise<ExitCode> {
  const planned = await withProject(flags, async (project) => {
    const tell = tellOnStderr(cli);
    const chosen =
      names.length > 0 ? await definitionsOf(project, names, tell) : await allDefinitions(project, tell);
    const plans = await makePlans(project, chosen, flags, cli);
    const results: Planned[] = [];
    // one after the other: a sample loads the cluster about as much as a migration does
    for (const [n, each] of plans.entries()) {
      const definition = chosen[n] as IndexDefinition;
      results.push({ plan: each, sample: await sampleOf(each, definition, { project, flags, cli }) });
    }
    return results;
  });
  const plans = planned.map((each) => each.plan);
  // samples are left out: the file should not contain the content of documents
  if (flags.out) await writePlanFile(flags.out, plans);
  if (flags.json)
    print(cli.io, printJson({ plans: planned.map((each) => ({ ...each.plan, sample: each.sample })) }));
  else for (const each of planned) print(cli.io, `${planText(each, flags, wantsColours(cli.io))}\n`);
  return exitCodeFor(plans, flags.check ?? false);
}

/** Makes a few plans at a time, since each sends about a dozen requests. @throws the first error of a plan */
async function makePlans(
  { cluster }: Project,
  definitions: readonly IndexDefinition[],
  { route }: PlanFlags,
  { signal }: Cli,
): Promise<Plan[]> {
  const run = (definition: IndexDefinition): Promise<Plan> => makePlan(cluster, definition, { route });
  const outcomes = await runFleet(definitions, run, { atOnce: AT_ONCE, signal });
  return outcomes.map((outcome) => {
    if (outcome.type === 'done') return outcome.result;
    throw outcome.type === 'failed' ? outcome.error : signal.reason;
  });
}

interface Run {
  readonly project: Project;
  readonly flags: PlanFlags;
  readonly cli: Cli;
}

async function sampleOf(made: Plan, definition: IndexDefinition, run: Run): Promise<Sample | undefined> {
  const { project, flags, cli } = run;
  if (flags.sample === undefined) return undefined;
  const { cluster } = project;
  return takeSample({ cluster, definition, plan: made, count: flags.sample, signal: cli.signal });
}

function planText({ plan: made, sample }: Planned, flags: PlanFlags, colours: boolean): string {
  if (flags.sample === undefined) return renderPlan(made, { colours, next: true });
  const next = sample === undefined || sample.rejected.count === 0;
  return renderPlan(made, { colours, next, sample: renderSample(made, sample, colours) });
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
