import { afterEach, expect, test } from 'vitest';
import { runChecks } from '../../../src/plan/checks/runChecks.js';
import { engineName, testCluster } from '../engine.js';
import { createLive, type Live } from './context.js';

const made: string[] = [];

afterEach(async () => {
  const { connection } = await testCluster();
  for (const path of made.splice(0)) await connection.send({ method: 'DELETE', path });
});

async function template(live: Live, kind: '_template' | '_index_template', body: object): Promise<string> {
  const path = `/${kind}/${live.name}-template`;
  made.push(path);
  await live.send('PUT', path, { index_patterns: [`${live.name}-v2*`], ...body });
  return `${live.name}-template`;
}

test('a target that exists and is not ours blocks; an alias of its name too', async () => {
  const live = await createLive();
  const target = `${live.name}-v2`;
  await live.send('PUT', `/{index}/_alias/${target}`);
  expect(await live.findings('target-free')).toMatchObject([
    {
      level: 'block',
      message: expect.stringContaining(`${target} is an alias (of ${live.index})`) as string,
    },
  ]);
  await live.send('DELETE', `/{index}/_alias/${target}`);
  await live.send('PUT', `/${target}`, { mappings: { _meta: { twindex: { migration: 'mine' } } } });
  expect(await live.findings('target-free')).toMatchObject([
    { level: 'block', message: expect.stringContaining(`${target} exists already`) as string },
  ]);
  const ours = await runChecks({ ...(await live.context()), migrationId: 'mine' }, 'copy');
  expect(ours.filter(({ check }) => check === 'target-free')).toEqual([]);
});

test('a composable template that adds a field or a setting to the target warns and names them', async () => {
  const live = await createLive();
  const name = await template(live, '_index_template', {
    template: {
      settings: { number_of_shards: 3, refresh_interval: '7s' },
      mappings: { properties: { added: { type: 'keyword' }, own: { type: 'keyword' } } },
    },
  });
  const declared = { mappings: { properties: { own: { type: 'long' } } } };
  expect(await live.findings('index-template', declared)).toEqual([
    {
      check: 'index-template',
      level: 'warn',
      message:
        `the index template ${name} matches ${live.name}-v2 and would add parts that the index file does not declare: ` +
        'index.refresh_interval, mappings.properties.added. ' +
        'Declare these parts in the index file, or narrow the index_patterns of the template.',
    },
  ]);
});

test('a template whose content is declared too says nothing', async () => {
  const live = await createLive();
  await template(live, '_index_template', {
    template: { settings: { number_of_shards: 3 }, mappings: { properties: { own: { type: 'keyword' } } } },
  });
  expect(
    await live.findings('index-template', { mappings: { properties: { own: { type: 'keyword' } } } }),
  ).toEqual([]);
});

test('a legacy template that adds an alias blocks', async () => {
  const live = await createLive();
  const name = await template(live, '_template', { aliases: { [`${live.name}-early`]: {} } });
  expect(await live.findings('index-template')).toMatchObject([
    {
      level: 'block',
      message: expect.stringContaining(
        `the index template ${name} would give ${live.name}-v2 the alias ${live.name}-early`,
      ) as string,
    },
  ]);
});

test('a template that makes data streams only blocks', async () => {
  const live = await createLive();
  const name = await template(live, '_index_template', { data_stream: {} });
  expect(await live.findings('index-template')).toMatchObject([
    {
      level: 'block',
      message: expect.stringContaining(
        `matches the index template ${name}, which creates only data streams`,
      ) as string,
    },
  ]);
});

test('a template with a final pipeline blocks', async () => {
  const live = await createLive();
  await template(live, '_index_template', { template: { settings: { final_pipeline: 'stamp' } } });
  expect(await live.findings('index-template')).toMatchObject([
    { level: 'block', message: expect.stringContaining('would run over every copied document') as string },
  ]);
});

test('a default pipeline is said not to run twice; one that is missing, and a final one, block', async () => {
  const live = await createLive({ settings: { default_pipeline: 'nowhere' } });
  expect(await live.findings('ingest-pipelines')).toMatchObject([
    {
      level: 'info',
      message: expect.stringContaining('copies documents without the default pipeline (nowhere)') as string,
    },
  ]);
  expect(
    await live.findings('ingest-pipelines', { settings: { default_pipeline: 'nowhere' } }),
  ).toMatchObject([
    {
      level: 'block',
      message: expect.stringContaining('the pipeline nowhere, which does not exist') as string,
    },
    { level: 'info' },
  ]);
  const final = await createLive({ settings: { final_pipeline: 'nowhere' } });
  expect(await final.findings('ingest-pipelines')).toMatchObject([
    {
      level: 'block',
      message: expect.stringContaining(`${final.index} has the final_pipeline nowhere`) as string,
    },
  ]);
});

test('more shards than the cluster may have block', async () => {
  const live = await createLive();
  expect(await live.findings('shard-limit', { settings: { number_of_shards: 1000 } })).toMatchObject([
    {
      level: 'block',
      message: expect.stringContaining(`${live.name}-v2 needs 1000 shards, but the cluster has `) as string,
    },
  ]);
});

test('a target that no node may hold blocks, and names the filter', async () => {
  const live = await createLive();
  const settings = { 'routing.allocation.require._name': 'no-such-node' };
  expect(await live.findings('allocation', { settings })).toMatchObject([
    {
      level: 'block',
      message: expect.stringContaining('index.routing.allocation.require._name: no-such-node') as string,
    },
  ]);
  expect(await live.findings('allocation')).toEqual([]);
});

test.runIf(engineName === 'opensearch')('an append-only source or target blocks', async () => {
  const settings = { 'index.append_only.enabled': true };
  const appendOnly = await createLive({ settings });
  expect(await appendOnly.findings('special-index')).toMatchObject([
    { level: 'block', message: expect.stringContaining(`${appendOnly.index} is append-only`) as string },
  ]);
  const live = await createLive();
  expect(await live.findings('special-index', { settings })).toMatchObject([
    {
      level: 'block',
      message: expect.stringContaining(`${live.name}-v2, as declared, is append-only`) as string,
    },
  ]);
});
