import { expect, test } from 'vitest';
import { runChecks } from '../../../src/plan/checks/runChecks.js';
import { engineName, testCluster } from '../engine.js';
import { createLive } from './context.js';

test('an ordinary index behind its two aliases passes every check', async () => {
  const live = await createLive();
  expect(await runChecks(await live.context(), 'copy')).toEqual([]);
});

test('a closed source blocks', async () => {
  const live = await createLive();
  await live.send('POST', '/{index}/_close');
  expect(await live.findings('closed')).toEqual([
    {
      check: 'closed',
      level: 'block',
      message: `${live.index} is closed: it can't be read. Open it: POST /${live.index}/_open.`,
    },
  ]);
});

test('a closed source leads to no other complaint but of its state', async () => {
  const live = await createLive();
  await live.send('POST', '/{index}/_close');
  const findings = await runChecks(await live.context(), 'copy');
  expect(findings.map(({ check }) => check)).toEqual(['closed']);
});

test.each(['write', 'read_only', 'read_only_allow_delete', 'metadata'])(
  'the block %s on the source blocks',
  async (block) => {
    const live = await createLive();
    const context = await live.context();
    await live.send('PUT', '/{index}/_settings', { [`index.blocks.${block}`]: true });
    const { source } = block === 'metadata' ? context : await live.context();
    const settings = { index: { ...(source?.settings['index'] as object), blocks: { [block]: 'true' } } };
    const blocked = source && { ...source, settings };
    const findings = await runChecks({ ...context, source: blocked }, 'copy');
    await live.send('PUT', '/{index}/_settings', { [`index.blocks.${block}`]: null });
    expect(findings.find(({ check }) => check === 'index-blocks')).toMatchObject({
      level: 'block',
      message: expect.stringContaining(`${live.index} has the block index.blocks.${block}`) as string,
    });
  },
);

test('a replica that has no node warns of a yellow source', async () => {
  const live = await createLive({ settings: { number_of_replicas: 4 } });
  expect(await live.findings('health')).toMatchObject([
    { level: 'warn', message: expect.stringContaining(`${live.index} is yellow: `) as string },
  ]);
});

test('a source without a primary is red and blocks', async () => {
  const live = await createLive();
  const { connection } = await testCluster();
  await live.send('DELETE', '/{index}');
  await connection.json({
    method: 'PUT',
    path: `/${live.index}`,
    query: { wait_for_active_shards: 0 },
    body: { settings: { 'index.routing.allocation.require._name': 'no-such-node', number_of_replicas: 0 } },
  });
  expect(await live.findings('health')).toMatchObject([
    { level: 'block', message: expect.stringContaining(`${live.index} is red: `) as string },
  ]);
});

test('a source without _source, or with a part of it, blocks', async () => {
  for (const _source of [{ enabled: false }, { excludes: ['a'] }, { includes: ['a'] }]) {
    const live = await createLive({ mappings: { _source } });
    expect(await live.findings('source-field')).toMatchObject([{ level: 'block' }]);
  }
});

test('a declared target without _source blocks', async () => {
  const live = await createLive();
  expect(await live.findings('source-field', { mappings: { _source: { enabled: false } } })).toMatchObject([
    {
      level: 'block',
      message: expect.stringContaining(`${live.name}-v2, as declared, does not keep`) as string,
    },
  ]);
});

test.skipIf(engineName !== 'elasticsearch')('synthetic source warns, and so does logsdb', async () => {
  const synthetic = await createLive({ settings: { 'index.mapping.source.mode': 'synthetic' } });
  expect(await synthetic.findings('source-field')).toMatchObject([{ level: 'warn' }]);
});

test.skipIf(engineName !== 'opensearch')('derived source warns', async () => {
  const derived = await createLive({ settings: { 'index.derived_source.enabled': true } });
  expect(await derived.findings('source-field')).toMatchObject([{ level: 'warn' }]);
});

test.skipIf(engineName !== 'elasticsearch')(
  'vectors that are left out of _source are no obstacle',
  async () => {
    const mappings = { properties: { product: { properties: { v: { type: 'dense_vector', dims: 3 } } } } };
    const without = await createLive({ mappings });
    expect(await without.findings('source-field')).toEqual([]);
  },
);

test('versions of clients block when they are times, and warn when they are counters', async () => {
  const live = await createLive();
  const put = async (id: string, version?: number) => {
    const versioned = version === undefined ? '' : `&version=${version}&version_type=external`;
    await live.send('PUT', `/{index}/_doc/${id}?refresh=true${versioned}`, {});
  };
  await put('1');
  await put('1');
  await put('2');
  expect(await live.findings('external-versions')).toEqual([]);
  await put('3', 77);
  expect(await live.findings('external-versions')).toMatchObject([
    { level: 'warn', message: expect.stringContaining('document 3 has version 77') as string },
  ]);
  await put('4', 1_795_407_383_482);
  expect(await live.findings('external-versions')).toMatchObject([
    { level: 'block', message: expect.stringContaining('document 4 has version 1795407383482') as string },
  ]);
});

test('the versions of an index that twindex made are its own', async () => {
  const live = await createLive({ mappings: { _meta: { twindex: { migration: 'some-id' } } } });
  await live.send('PUT', '/{index}/_doc/4?refresh=true&version=1795407383482&version_type=external', {});
  expect(await live.findings('external-versions')).toEqual([]);
});

test.skipIf(engineName !== 'opensearch')('the backing index of a data stream blocks', async () => {
  const live = await createLive();
  const stream = `${live.name}-stream`;
  await live.send('PUT', `/_index_template/${stream}`, { index_patterns: [stream], data_stream: {} });
  await live.send('PUT', `/_data_stream/${stream}`);
  const context = await live.context();
  const backing = context.source && { ...context.source, index: `.ds-${stream}-000001` };
  const findings = await runChecks({ ...context, source: backing }, 'in-place');
  await live.send('DELETE', `/_data_stream/${stream}`);
  await live.send('DELETE', `/_index_template/${stream}`);
  expect(findings.find(({ check }) => check === 'data-stream')).toMatchObject({
    level: 'block',
    message: expect.stringContaining(`belongs to the data stream ${stream}`) as string,
  });
});

test('a check that is refused an answer becomes a warning', async () => {
  const live = await createLive();
  const context = await live.context();
  const gone = context.source && { ...context.source, index: `${live.name}-gone` };
  const findings = await runChecks({ ...context, source: gone }, 'copy');
  expect(findings.find(({ check }) => check === 'external-versions')).toMatchObject({
    level: 'warn',
    message: expect.stringContaining('external-versions could not be checked: ') as string,
  });
});
