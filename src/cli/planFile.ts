// Plans as JSON: the output of `plan --json`, and the file that `plan --out` writes and `migrate --plan` reads.
import { readFile, writeFile } from 'node:fs/promises';
import type { ReviewedPlan } from '../api/executePlan.js';
import { messageOf, TwindexError } from '../errors.js';
import { parseJson, printJson } from '../json/exactJson.js';
import type { Plan } from '../plan/makePlan.js';

/** The format that schemas/plan.schema.json describes. */
const FORMAT = 'twindex-plan-1';

export const planReport = (plans: readonly object[]): object => ({ format: FORMAT, plans });

/** @throws TwindexError `usage` if the file cannot be written */
export async function writePlanFile(file: string, plans: readonly object[]): Promise<void> {
  await writeFile(file, `${printJson(planReport(plans), 2)}\n`).catch((error: unknown) => {
    throw new TwindexError('usage', `--out: cannot write ${file} (${messageOf(error)})`);
  });
}

/** @throws TwindexError `usage` if the file has no such plan */
async function readPlanFile(file: string, name: string): Promise<Plan> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new TwindexError('usage', `--plan: cannot read ${file} (${messageOf(error)})`);
  });
  const found = parse(text)?.find((plan) => plan.name === name);
  if (found) return found;
  throw new TwindexError(
    'usage',
    `--plan: ${file} contains no plan of ${name}. Create one: twindex plan ${name} --out ${file}`,
  );
}

/** The plan for this index in the file of `--plan`, if the option is given. @throws TwindexError `usage` */
export async function reviewedPlan(
  file: string | undefined,
  name: string,
): Promise<ReviewedPlan | undefined> {
  return file ? { plan: await readPlanFile(file, name), file } : undefined;
}

function parse(text: string): readonly Plan[] | undefined {
  try {
    const content = parseJson(text) as { readonly format?: unknown; readonly plans?: readonly Plan[] };
    return content.format === FORMAT && Array.isArray(content.plans) ? content.plans : undefined;
  } catch {
    return undefined;
  }
}
