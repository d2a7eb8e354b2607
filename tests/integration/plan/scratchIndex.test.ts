// The index that a sample is put into, on the real engine: like the target, and always gone afterwards.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import { getIndexes } from '../../../src/cluster/indices/getIndex.js';
import { makePlan, type Plan } from '../../../src/plan/makePlan.js';
import { takeSample } from '../../../src/plan/sample.js';
import { withScratchIndex } from '../../../src/plan/scratchIndex.js';
import type { IndexDefinition, Transform } from '../../../src/schema/types.js';
import { testCluster } from '../engine.js';
import { declare, fill, numbered, sampled, scratchIndexes } from './sampleStage.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

describe('the index that a sample is put into', () => {
  test('is as the target is declared, but hidden, and there only meanwhile', async () => {
    let during: Awaited<ReturnType<typeof getIndexes>> = [];
    const definition = await declare({
      settings: { analysis: { normalizer: { low: { type: 'custom', filter: ['lowercase'] } } } },
      after: { code: { type: 'keyword', normalizer: 'low' } },
      up: async (doc) => {
        during = await getIndexes(cluster, `${definition.name}-v2-sample-*`, { hidden: true });
        return doc;
      },
    });
    await fill(definition, [{ id: '1', source: { code: 'A' } }]);
    const { sample } = await sampled(definition, 1);
    expect(sample.indexed).toBe(1);
    expect(during).toMatchObject([
      {
        settings: { index: { hidden: 'true', number_of_shards: '1', number_of_replicas: '0' } },
        mappings: {
          properties: definition.mappings['properties'],
          _meta: { twindex: { sampleOf: `${definition.name}-v2` } },
        },
      },
    ]);
    expect(await getIndexes(cluster, `${definition.name}*`)).toHaveLength(1);
  });

  test('takes a change that only it shows: a field too many', async () => {
    const settings = { 'mapping.total_fields.limit': 3 };
    const definition: IndexDefinition = {
      ...(await declare({ settings, after: {} })),
      undeclaredFields: 'dynamic',
    };
    await fill(
      definition,
      numbered(6, (n) => ({ [`field${n}`]: n })),
    );
    const { sample } = await sampled(definition, 10);
    expect(sample.indexed).toBe(3);
    expect(sample.rejected.byReason).toMatchObject([{ count: 3 }]);
  });

  test('goes when the run is stopped, even if the transform never comes back', async () => {
    let calls = 0;
    const never: Transform = () => {
      calls++;
      return new Promise(() => undefined);
    };
    const definition = await declare({ after: {}, up: never });
    await fill(
      definition,
      numbered(3, (n) => ({ n })),
    );
    const stopping = new AbortController();
    const plan = await makePlan(cluster, definition);
    const running = takeSample({ cluster, definition, plan, count: 3, signal: stopping.signal });
    running.catch(() => undefined);
    await expect.poll(() => calls, { timeout: 20_000 }).toBe(3);
    expect(await scratchIndexes(definition)).toHaveLength(1);
    stopping.abort(new Error('stopped'));
    await expect(running).rejects.toThrow('stopped');
    expect(await scratchIndexes(definition)).toEqual([]);
  });

  test('goes when the source goes half-way', async () => {
    const definition = await declare({
      after: {},
      up: async (doc) => {
        await cluster.connection.send({ method: 'DELETE', path: `/${definition.name}-v1` });
        return doc;
      },
    });
    await fill(
      definition,
      numbered(2_000, (n) => ({ n })),
    );
    const plan = await makePlan(cluster, definition);
    const { signal } = new AbortController();
    await expect(takeSample({ cluster, definition, plan, count: 2_000, signal })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await scratchIndexes(definition)).toEqual([]);
  });

  test('that a killed run left behind goes with the next one, and no other index', async () => {
    const { name, settings, mappings, file } = await declare({ after: {} });
    const target = `${name}-v2`;
    const leave = (suffix: string, twindex: object) =>
      createIndex(cluster, `${target}-sample-${suffix}`, {
        settings: { 'index.hidden': true, number_of_replicas: 0 },
        mappings: { _meta: { twindex } },
      });
    await leave('old', { sampleOf: target });
    await leave('other', { sampleOf: `${name}-v3` });
    await sleep(3_000);
    await leave('used', { sampleOf: target });
    const scratch = { index: target, definition: { name, settings, mappings, file } };
    await withScratchIndex(cluster, scratch, () => Promise.resolve(), 2_500);
    expect(await scratchIndexes({ name })).toEqual([`${target}-sample-other`, `${target}-sample-used`]);
  });

  test('says so when the engine would not create the target', async () => {
    const definition = await declare({
      before: { day: { type: 'keyword' } },
      after: { day: { type: 'date' } },
    });
    const accepted = await makePlan(cluster, definition);
    expect(accepted.kind).toBe('new-version');
    // the plan has asked the engine, too: it has changed its mind since
    const mappings = { properties: { day: { type: 'date', format: 'none-such' } } };
    const plan: Plan = { ...accepted, content: { settings: {}, mappings } };
    const { signal } = new AbortController();
    await expect(takeSample({ cluster, definition, plan, count: 1, signal })).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringMatching(
        new RegExp(
          `^${definition.name}-v2 can't be created as declared .*none-such.*Correct the settings or mappings in`,
        ),
      ) as string,
    });
    expect(await scratchIndexes(definition)).toEqual([]);
  });
});
