// `twindex plan`: live against declared, and what it takes.
import type { Command } from 'commander';
import { makePlan, type Plan } from '../../plan/plan.js';
import { renderPlan } from '../../plan/renderPlan.js';
import { addCommand, type Cli, type GlobalOptions, print, wantsColours } from '../cli.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { writePlanFile } from '../planFile.js';
import { definitionOf, withProject } from '../project.js';

interface PlanFlags extends GlobalOptions {
  readonly out?: string;
  readonly check?: boolean;
}

export function registerPlan(program: Command, cli: Cli): void {
  addCommand(program, 'plan [names...]', 'compare the live indexes with the declared ones')
    .option('--out <file>', 'keep the plan, for twindex migrate --plan')
    .option('--check', 'exit 2 when something is to be done')
    .action(cli.action((names: string[], flags: PlanFlags) => plan(names, flags, cli)));
}

async function plan(names: readonly string[], flags: PlanFlags, { io }: Cli): Promise<ExitCode> {
  const plans = await withProject(flags, async (project) => {
    const chosen = names.length > 0 ? names.map((name) => definitionOf(project, name)) : project.definitions;
    return Promise.all(chosen.map((definition) => makePlan(project.cluster, definition)));
  });
  if (flags.out) await writePlanFile(flags.out, plans);
  if (flags.json) print(io, JSON.stringify({ plans }));
  else
    for (const each of plans) print(io, `${renderPlan(each, { colours: wantsColours(io), next: true })}\n`);
  return exitCodeFor(plans, flags.check ?? false);
}

function exitCodeFor(plans: readonly Pick<Plan, 'kind'>[], check: boolean): ExitCode {
  if (plans.some(({ kind }) => kind === 'blocked')) return EXIT.unsafe;
  return check && plans.some(({ kind }) => kind !== 'nothing') ? EXIT.pending : EXIT.done;
}
