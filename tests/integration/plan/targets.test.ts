// What an engine refuses a plan refuses too, before anything is changed, with a message that names the file and the place. What
// an engine takes a plan takes, and the index is made as the plan has announced it.
import { appendFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { getIndexes } from '../../../src/cluster/operations/getIndex.js';
import { applyPlan } from '../../../src/plan/apply.js';
import { makePlan } from '../../../src/plan/plan.js';
import type { IndexDefinition } from '../../../src/schema/types.js';
import { engineName, testCluster, uniqueName } from '../engine.js';
import { REFUSED, type Target } from './targets.js';

function declare(name: string, { settings = {}, mappings = {} }: Target): IndexDefinition {
  return {
    name,
    version: 1,
    aliases: { read: `${name}-read`, write: `${name}-write` },
    settings,
    mappings,
    migrations: {},
    file: `indexes/${name}.json`,
  };
}

const on = <T extends Target>(targets: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(targets).filter(([, { only }]) => only === undefined || only === engineName);

test.each(on(REFUSED))('refused: %s', async (_, target) => {
  const cluster = await testCluster();
  const name = uniqueName('tgt');
  const definition = declare(name, target);
  const plan = await makePlan(cluster, definition);
  const blocks = plan.findings.filter(({ level }) => level === 'block').map(({ message }) => message);
  appendFileSync(`/tmp/plan15/targets-${engineName}.log`, `${blocks.join('').includes(`json: ${target.at}`) ? '  ' : '!!'} ${_} (${target.at})\n      ${blocks.join(' || ').replaceAll(name, 'N').slice(0,400)}\n`);
  expect(plan.kind).toBe('blocked');
  expect(blocks.join('\n')).toContain(`indexes/${name}.json: ${target.at}`);
  await expect(applyPlan(cluster, definition, { ...plan, kind: 'create' })).rejects.toMatchObject({ code: 'rejected' });
  expect(await getIndexes(cluster, `${name}*`, { hidden: true })).toEqual([]);
});
