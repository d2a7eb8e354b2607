import { expect, test } from 'vitest';
import { closeIndex } from '../../../src/cluster/indices/closeIndex.js';
import { getIndexes, type LiveIndex } from '../../../src/cluster/indices/getIndex.js';
import { isClosed } from '../../../src/cluster/indices/isClosed.js';
import { putMapping } from '../../../src/cluster/indices/putMapping.js';
import { applyPlan } from '../../../src/plan/apply.js';
import { makePlan, type Plan } from '../../../src/plan/makePlan.js';
import type { IndexDefinition } from '../../../src/schema/types.js';
import type { JsonObject } from '../../../src/json/jsonTypes.js';
import { testCluster, uniqueName } from '../engine.js';

const settings: JsonObject = {
  number_of_shards: 1,
  number_of_replicas: 0,
  analysis: { analyzer: { names: { type: 'custom', tokenizer: 'standard' } } },
};
const mappings: JsonObject = {
  properties: { title: { type: 'text', analyzer: 'names' }, price: { type: 'keyword' } },
};

function declare(more: Partial<IndexDefinition> = {}): IndexDefinition {
  const name = more.name ?? uniqueName('pln');
  const aliases = { read: `${name}-read`, write: `${name}-write` };
  return { name, version: 1, aliases, settings, mappings, migrations: {}, file: `${name}.json`, ...more };
}

async function created(): Promise<IndexDefinition> {
  const definition = declare();
  const cluster = await testCluster();
  await applyPlan(cluster, definition, await makePlan(cluster, definition));
  return definition;
}

async function liveOf({ name }: IndexDefinition): Promise<LiveIndex> {
  const [live] = await getIndexes(await testCluster(), `${name}-v1`);
  return live as LiveIndex;
}

const plan = async (definition: IndexDefinition): Promise<Plan> => makePlan(await testCluster(), definition);

test('where nothing exists the index and its aliases are created, and then there is nothing to do', async () => {
  const definition = declare();
  const { name } = definition;
  const first = await plan(definition);
  expect(first).toMatchObject({
    kind: 'create',
    target: { index: `${name}-v1`, version: 1 },
    layout: 'none',
  });
  await applyPlan(await testCluster(), definition, first);
  expect((await liveOf(definition)).aliases).toEqual({
    [`${name}-read`]: {},
    [`${name}-write`]: { is_write_index: true },
  });
  expect(await plan(definition)).toMatchObject({
    kind: 'nothing',
    layout: 'two-aliases',
    source: { index: `${name}-v1`, version: 1 },
    changes: [],
    findings: [],
  });
});

test('a new field and a dynamic setting are changed in place', async () => {
  const before = await created();
  const definition = {
    ...before,
    settings: { ...settings, refresh_interval: '7s' },
    mappings: {
      _meta: { owner: 'shop' },
      properties: { ...(mappings['properties'] as object), brand: { type: 'keyword' } },
    },
  };
  const inPlace = await plan(definition);
  expect(inPlace.kind).toBe('in-place');
  await applyPlan(await testCluster(), definition, inPlace);
  expect((await plan(definition)).kind).toBe('nothing');
  expect((await liveOf(definition)).mappings['_meta']).toMatchObject({
    owner: 'shop',
    twindex: { name: definition.name, version: 1 },
  });
});

test('a setting that is taken out again goes back to its default', async () => {
  const before = await created();
  const slower = { ...before, settings: { ...settings, 'index.max_result_window': 20_000 } };
  await applyPlan(await testCluster(), slower, await plan(slower));
  const back = await plan(before);
  expect(back.kind).toBe('in-place');
  await applyPlan(await testCluster(), before, back);
  expect((await plan(before)).kind).toBe('nothing');
});

const newAnalyzer: JsonObject = {
  ...settings,
  analysis: {
    analyzer: {
      names: { type: 'custom', tokenizer: 'standard' },
      exact: { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] },
    },
  },
};

test('a new analyzer needs the index to be closed for a moment', async () => {
  const before = await created();
  const definition = { ...before, settings: newAnalyzer };
  const outage = await plan(definition);
  expect(outage.kind).toBe('close-and-open');
  await applyPlan(await testCluster(), definition, outage);
  expect(await isClosed(await testCluster(), `${before.name}-v1`)).toBe(false);
  expect((await plan(definition)).kind).toBe('nothing');
  expect((await liveOf(definition)).mappings['_meta']).toEqual({
    twindex: { name: before.name, version: 1 },
  });
});

test('an index that an interrupted run left closed is opened by the next one', async () => {
  const definition = await created();
  const cluster = await testCluster();
  const index = `${definition.name}-v1`;
  await putMapping(cluster, index, {
    _meta: { twindex: { name: definition.name, version: 1, closedForChange: true } },
  });
  await closeIndex(cluster, index);
  const rest = await plan(definition);
  expect(rest).toMatchObject({ kind: 'close-and-open', changes: [] });
  await applyPlan(cluster, definition, rest);
  expect(await isClosed(cluster, index)).toBe(false);
  expect((await plan(definition)).kind).toBe('nothing');
});

test('an index that somebody else closed stays closed', async () => {
  const definition = await created();
  const cluster = await testCluster();
  await closeIndex(cluster, `${definition.name}-v1`);
  const blocked = await plan(definition);
  expect(blocked).toMatchObject({ kind: 'blocked', findings: [{ check: 'closed', level: 'block' }] });
  await expect(applyPlan(cluster, definition, { ...blocked, kind: 'close-and-open' })).rejects.toMatchObject({
    code: 'blocked',
  });
  expect(await isClosed(cluster, `${definition.name}-v1`)).toBe(true);
});

test('when the engine refuses the setting the index is open again', async () => {
  const definition = await created();
  const cluster = await testCluster();
  const refused = {
    ...definition,
    settings: { analysis: { analyzer: { exact: { type: 'no-such-type' } } } },
  };
  const outage: Plan = { ...(await plan(refused)), kind: 'close-and-open' };
  await expect(applyPlan(cluster, refused, outage)).rejects.toMatchObject({ code: 'rejected' });
  expect(await isClosed(cluster, `${definition.name}-v1`)).toBe(false);
});

test('another type is blocked, and a new version with it is not', async () => {
  const before = await created();
  const cluster = await testCluster();
  await cluster.connection.json({
    method: 'PUT',
    path: `/${before.name}-write/_doc/1?refresh=true`,
    body: { price: '1' },
  });
  const properties = { ...(mappings['properties'] as object), price: { type: 'double' } };
  const definition = { ...before, mappings: { properties } };
  expect((await plan(definition)).kind).toBe('blocked');
  expect(await plan({ ...definition, version: 2 })).toMatchObject({
    kind: 'new-version',
    source: { index: `${before.name}-v1`, version: 1 },
    target: { index: `${before.name}-v2`, version: 2 },
    changes: [{ path: 'mappings.properties.price.type', before: 'keyword', after: 'double' }],
    estimate: { documents: 1 },
    lossyWayBack: false,
  });
});

test('the fingerprint stays while nothing changes, and does not when the live index does', async () => {
  const definition = await created();
  const { fingerprint } = await plan(definition);
  expect((await plan(definition)).fingerprint).toBe(fingerprint);
  await putMapping(await testCluster(), `${definition.name}-v1`, {
    properties: { late: { type: 'keyword' } },
  });
  expect((await plan(definition)).fingerprint).not.toBe(fingerprint);
});

test('a bare index whose name is the alias is a layout of its own, without a way back after the switch', async () => {
  const name = uniqueName('pln');
  const cluster = await testCluster();
  await cluster.connection.json({ method: 'PUT', path: `/${name}`, body: { settings, mappings } });
  const definition = declare({ name, version: 2, aliases: { read: name, write: name } });
  expect(await plan(definition)).toMatchObject({
    kind: 'new-version',
    layout: 'bare-index',
    source: { index: name, version: 1 },
    target: { index: `${name}-v2` },
    lossyWayBack: true,
  });
});

test('an index without the declared aliases is blocked, with the request that adds one', async () => {
  const name = uniqueName('pln');
  const cluster = await testCluster();
  await cluster.connection.json({ method: 'PUT', path: `/${name}-v1`, body: { settings, mappings } });
  const found = await plan(declare({ name }));
  expect(found).toMatchObject({ kind: 'blocked', layout: 'none', source: { index: `${name}-v1` } });
  expect(found.findings[0]?.message).toContain(`{"add":{"index":"${name}-v1","alias":"${name}-read"}}`);
});
