// Saves plans to a file, so that they can be carried out later exactly as they were reviewed.
import { readFile, writeFile } from 'node:fs/promises';
import { messageOf, TwindexError } from '../errors.js';
import { parseJson, printJson } from '../json/exactJson.js';
import type { Plan } from '../plan/makePlan.js';

interface PlanFile {
  readonly format: 'twindex-plan-1';
  readonly plans: readonly Plan[];
}

/** @throws TwindexError `usage` if the file cannot be written */
export async function writePlanFile(file: string, plans: readonly Plan[]): Promise<void> {
  const content: PlanFile = { format: 'twindex-plan-1', plans };
  await writeFile(file, `${printJson(content, 2)}\n`).catch((error: unknown) => {
    throw new TwindexError('usage', `--out: cannot write ${file} (${messageOf(error)})`);
  });
}

/** @throws TwindexError `usage` if the file has no such plan */
export async function readPlanFile(file: string, name: string): Promise<Plan> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new TwindexError('usage', `--plan: cannot read ${file} (${messageOf(error)})`);
  });
  const found = parse(text)?.plans.find((plan) => plan.name === name);
  if (found) return found;
  throw new TwindexError(
    'usage',
    `--plan: ${file} holds no plan of ${name}. Make one: twindex plan ${name} --out ${file}`,
  );
}

/** @throws TwindexError `plan_stale` if the cluster or the index file has changed since the plan was saved */
export function demandFresh(kept: Plan, now: Plan, file: string): void {
  // a migration that has begun is resumed: its plan was checked at the beginning
  if (now.kind === 'running' || kept.fingerprint === now.fingerprint) return;
  throw new TwindexError(
    'plan_stale',
    `the plan of ${now.name} in ${file} is stale: the live index or the index file has changed since it was made ` +
      `(${kept.kind} then, ${now.kind} now). Nothing was changed.`,
    { hint: `Look at a new one: twindex plan ${now.name} --out ${file}` },
  );
}

function parse(text: string): PlanFile | undefined {
  try {
    const content = parseJson(text) as Partial<PlanFile>;
    return content.format === 'twindex-plan-1' && Array.isArray(content.plans)
      ? (content as PlanFile)
      : undefined;
  } catch {
    return undefined;
  }
}
