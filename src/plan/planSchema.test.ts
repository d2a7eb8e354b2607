import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { examplePlans } from '../../tests/golden/examplePlans.js';
import { planResult } from '../api/planResult.js';
import { planReport } from '../cli/planFile.js';
import { planReportSchema } from './planSchema.js';

const root = new URL('../../', import.meta.url);

test('schemas/plan.schema.json is what `npm run docs:schemas` writes', async () => {
  const { drawOutput } = (await import(new URL('scripts/drawSchemas.js', root).href)) as {
    drawOutput: (schema: z.ZodType, title: string) => string;
  };
  const text = await readFile(new URL('schemas/plan.schema.json', root), 'utf8');
  expect(text).toBe(drawOutput(planReportSchema, 'Output of twindex plan --json'));
});

test('the schema describes every member of the plans', () => {
  // of the kind that refuses unknown members
  const strict = z.fromJSONSchema(z.toJSONSchema(planReportSchema, { io: 'output' }) as never);
  for (const plans of Object.values(examplePlans)) {
    const report = planReport(plans.map((plan) => planResult(plan)));
    expect(strict.safeParse(JSON.parse(JSON.stringify(report))).error?.issues ?? []).toEqual([]);
  }
});
