import { expect, test } from 'vitest';
import { examplePlans } from '../../tests/golden/examplePlans.js';
import type { Plan } from './decidePlan.js';
import { cannotBeUndone, planSteps, type StepOptions } from './planSteps.js';

const plan = examplePlans['plan-replace']?.[0] as Plan;
const lossless: Plan = { ...plan, transform: false, lossyWayBack: false };
const names = (of: Plan): string[] => planSteps(of).map(({ name }) => name);
const step = (of: Plan, name: string, options?: StepOptions) =>
  planSteps(of, options).find((one) => one.name === name);

test('with two aliases the readers move before the writers', () => {
  expect(names(plan)).toEqual([
    'create',
    'copy',
    'verify',
    'move-readers',
    'move-writers',
    'keep-in-sync',
    'delete',
  ]);
});

test('with one alias readers and writers move together', () => {
  expect(names({ ...plan, layout: 'one-alias' })).not.toContain('move-readers');
});

test('a bare index is deleted when the writers move, and nothing can be undone after that', () => {
  const bare: Plan = { ...plan, layout: 'bare-index' };
  expect(names(bare)).toEqual(['create', 'copy', 'verify', 'move-writers']);
  expect(cannotBeUndone(bare)).toEqual([
    'Step 4 deletes catalogue-v1. There is no rollback after this step.',
  ]);
});

test('without an estimate none is made up', () => {
  const { time: _, ...estimate } = plan.estimate as NonNullable<Plan['estimate']>;
  expect(step({ ...plan, estimate }, 'copy')?.takes).toBe('no estimate');
  expect(step({ ...plan, estimate }, 'copy')).not.toHaveProperty('estimatedMs');
});

test('a limit of the user makes the copy slower, never faster', () => {
  expect(step(plan, 'copy', { maxDocsPerSecond: 1_000 })?.takes).toBe('about 20m');
  expect(step(plan, 'copy', { maxDocsPerSecond: 1_000_000 })?.takes).toBe('about 2m');
});

test('the options of migrate show in the steps', () => {
  const options = { maxWritePauseMs: 500, unthrottled: true, keepMs: 259_200_000 };
  expect(step(plan, 'move-writers', options)?.takes).toBe('up to 500ms');
  expect(step(plan, 'copy', options)?.noticed).toContain('--no-throttle');
  expect(step(plan, 'delete', options)?.what).toContain('close catalogue-v1');
  expect(cannotBeUndone(lossless, options)[0]).toContain('closes catalogue-v1');
});

test('a lossless way back is called so', () => {
  expect(cannotBeUndone(lossless)).toEqual([
    'Step 7 deletes catalogue-v1. After it, no rollback is possible. Before it, a rollback loses nothing.',
  ]);
});

test('a plan that is blocked, under way, or has nothing to do has no steps', () => {
  for (const kind of ['blocked', 'running', 'nothing'] as const) {
    expect(planSteps({ ...plan, kind })).toEqual([]);
    expect(cannotBeUndone({ ...plan, kind })).toEqual([]);
  }
});
