import { expect, test } from 'vitest';
import { z } from 'zod';
import { planReportSchema } from '../../../src/plan/planSchema.js';
import { testCluster } from '../engine.js';
import { liveProject, printed, Project } from './project.js';

const DOUBLE = { properties: { price: { type: 'double' } } };

test('plan --check exits 2 while something is to be done, 0 when nothing is, 3 when it is blocked', async () => {
  const project = await Project.create();
  expect((await project.runProcess('plan', '--check')).code).toBe(2);
  expect((await project.runProcess('plan')).code).toBe(0);
  await project.runProcess('migrate', 'NAME', '--yes');
  expect(await project.run('plan', 'NAME', '--check')).toEqual({
    code: 0,
    stdout:
      'NAME: nothing to do, NAME-v1 is as declared\n\n' +
      'Plan: 0 to replace, 0 in place, 0 to create, 1 unchanged; 0 indexes will be deleted.\n',
    stderr: '',
  });
  await project.declare(1, DOUBLE);
  expect((await project.run('plan', '--check')).code).toBe(3);
  expect((await project.run('plan')).code).toBe(3);
  await project.declare(2, DOUBLE);
  expect((await project.run('plan', '--check')).code).toBe(2);
});

test('a change in place is told and carried out', async () => {
  const project = await liveProject();
  await project.declare(1, { properties: { price: { type: 'keyword' }, brand: { type: 'keyword' } } });
  const { code, stdout } = await project.run('migrate', 'NAME', '--yes');
  expect(stdout).toContain(
    '~ NAME: NAME-v1 can be changed in place\n\n    + mappings.properties.brand:  # a new field\n        + type: "keyword"\n',
  );
  expect(stdout).toContain('\nNAME-v1 is as declared.\n');
  expect(code).toBe(0);
  expect((await project.run('plan', '--check')).code).toBe(0);
});

test('without a terminal and without --yes nothing is changed', async () => {
  const project = await Project.create();
  expect(await project.run('migrate', 'NAME')).toMatchObject({
    code: 1,
    stderr: printed(
      'usage',
      'NAME: carry out this plan? This needs your consent, but there is no terminal to ask on. Add --yes.',
    ),
  });
  expect(await project.state()).toEqual([]);
});

test('migrate refuses what is blocked with 3, and changes nothing', async () => {
  const project = await liveProject();
  await project.declare(1, DOUBLE);
  const before = await project.state();
  expect(await project.run('migrate', 'NAME', '--yes')).toMatchObject({
    code: 3,
    stderr: printed(
      'plan_blocked',
      "NAME can't be migrated, nothing was changed: NAME-v1 cannot be changed in this way: a new index is needed " +
        '(mappings.properties.price.type). Raise `version` to 2 in FOLDER/index.json.',
    ),
  });
  expect(await project.state()).toEqual(before);
});

test('--yes is no yes to an outage; --allow-outage is', async () => {
  const project = await liveProject();
  const { connection } = await testCluster();
  await connection.json({ method: 'POST', path: `/${project.name}-v1/_close` });
  const meta = { _meta: { twindex: { closedForChange: true } } };
  await connection.json({ method: 'PUT', path: `/${project.name}-v1/_mapping`, body: meta });
  expect(await project.run('migrate', 'NAME', '--yes')).toMatchObject({
    code: 3,
    stderr: printed(
      'flag_needed',
      'NAME-v1 has to be closed for this change: for a moment it can be neither read nor written. Add ' +
        '--allow-outage if this is acceptable, or raise `version` in the index file for a new index without an outage.',
    ),
  });
  expect((await project.run('migrate', 'NAME', '--yes', '--allow-outage')).code).toBe(0);
  expect((await project.run('plan', '--check')).code).toBe(0);
});

test('a kept plan is carried out only while it fits', async () => {
  const project = await Project.create();
  await project.run('plan', '--out', 'plan.json');
  await project.declare(1, { properties: { price: { type: 'long' } } });
  expect(await project.run('migrate', 'NAME', '--yes', '--plan', 'plan.json')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('the plan of NAME in plan.json is stale') as string,
  });
  expect(await project.state()).toEqual([]);
  await project.run('plan', '--out', 'plan.json');
  expect((await project.run('migrate', 'NAME', '--yes', '--plan', 'plan.json')).code).toBe(0);
});

test('a kept plan that is none is refused', async () => {
  const project = await Project.create();
  expect(await project.run('migrate', 'NAME', '--yes', '--plan', 'index.json')).toMatchObject({
    code: 1,
    stderr: printed(
      'usage',
      '--plan: index.json contains no plan of NAME. Create one: twindex plan NAME --out index.json',
    ),
  });
});

test('plan --json is one object with all plans, as its schema describes it', async () => {
  const project = await Project.create();
  const first = JSON.parse((await project.run('plan', '--json')).stdout) as object;
  expect(first).toMatchObject({ plans: [{ name: 'NAME', kind: 'create', findings: [] }] });
  await project.run('migrate', 'NAME', '--yes');
  await project.declare(2, DOUBLE);
  const second = JSON.parse((await project.run('plan', '--json')).stdout) as object;
  expect(second).toMatchObject({ plans: [{ kind: 'new-version', steps: { length: 7 } }] });
  // of the kind that refuses members which the schema does not describe
  const strict = z.fromJSONSchema(z.toJSONSchema(planReportSchema, { io: 'output' }) as never);
  for (const report of [first, second]) expect(strict.safeParse(report).error?.issues ?? []).toEqual([]);
});
