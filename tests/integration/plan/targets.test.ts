// What an engine refuses a plan refuses too, before anything is changed, with a message that names the file and the place. What
// an engine takes a plan takes, and the index is made as the plan has announced it.
import { randomBytes } from 'node:crypto';
import { request } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { getIndexes } from '../../../src/cluster/indices/getIndex.js';
import { printJson } from '../../../src/json/exactJson.js';
import { applyPlan } from '../../../src/plan/apply.js';
import { makePlan } from '../../../src/plan/makePlan.js';
import type { IndexDefinition } from '../../../src/schema/types.js';
import { leavesOf } from '../cases/readBack.js';
import { engineName, engineUrls, testCluster } from '../engine.js';
import { REFUSED, TAKEN, type Target } from './targets.js';

let made = 0;
const run = randomBytes(4).toString('hex');
const nextName = (): string => `tgt-${run}-${++made}`;

// one index after the other, as all of them together would be more shards than a node likes
afterEach(async () => {
  await (await testCluster()).connection.send({ method: 'DELETE', path: `/tgt-${run}-${made}-v1` });
});

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

test('there are enough of both kinds', () => {
  expect(on(REFUSED).length).toBeGreaterThan(60);
  expect(on(TAKEN).length).toBeGreaterThan(60);
});

test.each(on(REFUSED))('refused: %s', async (_, target) => {
  const cluster = await testCluster();
  const name = nextName();
  const definition = declare(name, target);
  const plan = await makePlan(cluster, definition);
  const blocks = plan.findings.filter(({ level }) => level === 'block').map(({ message }) => message);
  expect(blocks.join('\n')).toContain(`indexes/${name}.json: ${target.at}`);
  expect(plan.kind).toBe('blocked');
  // the engine says the same when it is carried out all the same
  const error = { code: 'rejected' };
  await expect(applyPlan(cluster, definition, { ...plan, kind: 'create' })).rejects.toMatchObject(error);
  expect(await getIndexes(cluster, `${name}*`, { hidden: true })).toEqual([]);
});

test.each(on(TAKEN))('taken: %s', async (_, target) => {
  const cluster = await testCluster();
  const name = nextName();
  const definition = declare(name, target);
  const plan = await makePlan(cluster, definition);
  expect(plan.findings.filter(({ level }) => level === 'block')).toEqual([]);
  expect(plan.kind).toBe('create');
  await applyPlan(cluster, definition, plan);
  const announced = new Map([
    ...leavesOf(printJson({ settings: plan.content?.settings, mappings: plan.content?.mappings })),
    ...Object.entries(target.kept ?? {}),
  ]);
  const wanted = [...announced].filter(([path, text]) => text !== null && !isEmpty(path, text));
  const live = [...(await leavesOfLive(`${name}-v1`))].filter(
    ([path]) => announced.has(path) || !WRITTEN_BY_ENGINE.test(path),
  );
  expect(new Map(live)).toEqual(new Map(wanted.map(([path, text]) => [path, plain(path, text)])));
  expect(await makePlan(cluster, definition)).toMatchObject({ kind: 'nothing', changes: [] });
});

const isEmpty = (path: string, text: string | null): boolean =>
  text === '{}' && (path === 'mappings' || path === 'settings' || path === 'mappings.properties');

/** Every setting comes back as a text. */
const plain = (path: string, text: string | null): string =>
  path.startsWith('settings.') && text?.startsWith('"') ? String(JSON.parse(text)) : String(text);

/** What an engine writes into every index by itself. */
const WRITTEN_BY_ENGINE =
  /^(settings\.index\.(uuid|creation_date|provided_name|version\.created|replication\.type|routing\.allocation\.include\._tier_preference|number_of_(shards|replicas))|mappings\._meta\.twindex\..+)$/;

/** Read without twindex's own code. */
async function leavesOfLive(index: string): Promise<Map<string, string>> {
  const answer = await request(`${engineUrls[0]}/${index}?flat_settings=true`);
  const leaves = leavesOf(await answer.body.text());
  const ours = [...leaves].map(([path, text]) => [path.slice(index.length + 1), text] as const);
  return new Map(
    ours.filter(([path]) => !path.startsWith('aliases.')).map(([path, text]) => [path, plain(path, text)]),
  );
}
