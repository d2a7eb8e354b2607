// What a sample says of live documents, on the real engine.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { makePlan } from '../../../src/plan/makePlan.js';
import { takeSample } from '../../../src/plan/sample.js';
import type { Transform } from '../../../src/schema/types.js';
import { engineName, testCluster, uniqueName } from '../engine.js';
import { declare, fill, numbered, sampled } from './sampleStage.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

const NUMBER = { price: { type: 'keyword' } } as const;
const PRICE = { price: { type: 'double' } } as const;

describe('what a sample says', () => {
  test('which documents the new mapping would refuse, one line for one cause', async () => {
    const definition = await declare({ before: NUMBER, after: PRICE });
    await fill(definition, [
      ...numbered(100, (n) => ({ price: n % 10 === 0 ? `about ${n}` : `${n}` })),
      { id: 'routed', source: { price: 'none' }, routing: 'r' },
    ]);
    const { sample } = await sampled(definition, 1_000);
    expect(sample).toMatchObject({ documents: 101, asked: 1_000, indexed: 90, dropped: 0, changed: 0 });
    expect(sample.rejected.count).toBe(11);
    expect(sample.rejected.byReason).toHaveLength(1);
    expect(sample.rejected.byReason[0]).toMatchObject({
      count: 11,
      reason: expect.stringMatching(
        /parsing_exception: failed to parse field \[price\] of type \[double\]/,
      ) as string,
    });
    expect(sample.rejected.first).toContainEqual({
      id: 'routed',
      routing: 'r',
      by: 'mapping',
      reason: expect.stringContaining('none') as string,
    });
  });

  test('what the transform changes, drops and refuses, with every digit', async () => {
    const definition = await declare({
      before: { ...NUMBER, big: { type: 'keyword' } },
      after: { ...PRICE, big: { type: 'keyword' }, tags: { type: 'keyword' } },
      up: (doc) => {
        if (doc['price'] === 'drop me') return null;
        if (doc['price'] === undefined) throw new Error(`no price: ${JSON.stringify(doc['why'])}`);
        return { ...doc, price: Number(doc['price']), tags: [] };
      },
    });
    await fill(definition, [
      { id: '1', source: '{"price":"12.50","big":12345678901234567890}' },
      { id: '2', source: { price: 'drop me' } },
      { id: '3', source: { why: 'lost' } },
      { id: '4', source: { why: 'unknown' } },
      { id: '5', source: { price: 'not a number' } },
    ]);
    const { sample } = await sampled(definition, 10);
    expect(sample).toMatchObject({ documents: 5, indexed: 1, dropped: 1, changed: 1 });
    expect(sample.examples).toEqual([
      {
        id: '1',
        fields: [
          { path: 'price', before: '"12.50"', after: '12.5' },
          { path: 'tags', before: undefined, after: '[]' },
        ],
      },
    ]);
    expect(sample.rejected.count).toBe(3);
    expect(sample.rejected.byReason.map(({ count, ids }) => ({ count, ids }))).toEqual([
      { count: 2, ids: ['3', '4'] },
      { count: 1, ids: ['5'] },
    ]);
    expect(sample.rejected.byReason[1]?.reason).toContain('price is NaN');
    expect(sample.rejected.first.every(({ by }) => by === 'transform')).toBe(true);
  });

  test('that a transform throws for every document', async () => {
    const definition = await declare({
      after: {},
      up: (doc) => ({ ...doc, upper: (doc['missing'] as string).toUpperCase() }),
    });
    await fill(
      definition,
      numbered(30, (n) => ({ n })),
    );
    const { sample } = await sampled(definition, 20);
    expect(sample).toMatchObject({ documents: 20, indexed: 0, changed: 0, nondeterministic: { count: 0 } });
    expect(sample.rejected).toMatchObject({ count: 20, byReason: [{ count: 20 }] });
    expect(sample.rejected.byReason[0]?.reason).toContain("(reading 'toUpperCase')");
  });

  test('that a transform returns no object', async () => {
    const definition = await declare({ after: {}, up: (() => undefined) as unknown as Transform });
    await fill(
      definition,
      numbered(3, (n) => ({ n })),
    );
    const { sample } = await sampled(definition, 3);
    expect(sample.rejected).toMatchObject({ count: 3, byReason: [{ count: 3 }] });
    expect(sample.rejected.byReason[0]?.reason).toContain('is a return missing?');
  });

  test('the same of an asynchronous transform, which may reject a document or drop it', async () => {
    const definition = await declare({
      before: NUMBER,
      after: PRICE,
      up: async (doc) => {
        await sleep(1);
        if (doc['price'] === 'drop me') return null;
        if (doc['price'] === 'throw') throw new Error('no price');
        return { ...doc, price: Number(doc['price']) };
      },
    });
    const prices = ['1', '2', 'drop me', 'throw'];
    await fill(
      definition,
      numbered(400, (n) => ({ price: prices[n % 4] })),
    );
    const { sample } = await sampled(definition, 1_000);
    expect(sample).toMatchObject({
      documents: 400,
      indexed: 200,
      dropped: 100,
      changed: 200,
      rejected: { count: 100 },
      nondeterministic: { count: 0 },
    });
  });

  test('that the transform is not deterministic, and where', async () => {
    let calls = 0;
    const definition = await declare({
      after: { n: { type: 'long' }, at: { type: 'long' } },
      up: (doc) => ({ ...doc, ...((doc['n'] as number) % 2 === 0 ? { at: ++calls } : {}) }),
    });
    await fill(
      definition,
      numbered(10, (n) => ({ n })),
    );
    const { sample } = await sampled(definition, 10);
    expect(sample.nondeterministic.count).toBe(5);
    expect(sample.nondeterministic.first[0]?.fields).toMatchObject([{ path: 'at' }]);
    expect(sample.indexed).toBe(10);
  });

  // the minimal build of Elasticsearch has no processors
  test.runIf(engineName === 'opensearch')(
    'the same of an ingest pipeline, and that it has a clock',
    async () => {
      const pipeline = uniqueName('smp-pipeline');
      const definition = await declare({
        before: NUMBER,
        after: { ...PRICE, at: { type: 'date' } },
        up: { pipeline },
      });
      await cluster.connection.json({
        method: 'PUT',
        path: `/_ingest/pipeline/${pipeline}`,
        body: {
          processors: [
            { drop: { if: "ctx.price == 'drop me'" } },
            { convert: { field: 'price', type: 'double' } },
            { set: { field: 'at', value: '{{_ingest.timestamp}}', if: 'ctx.price == 2.0' } },
          ],
        },
      });
      onTestFinished(async () => {
        await cluster.connection.send({ method: 'DELETE', path: `/_ingest/pipeline/${pipeline}` });
      });
      const prices = ['1', '2', 'drop me', 'throw'];
      await fill(
        definition,
        numbered(8, (n) => ({ price: prices[n % 4] })),
      );
      const { sample } = await sampled(definition, 10);
      expect(sample).toMatchObject({
        documents: 8,
        dropped: 2,
        changed: 4,
        rejected: { count: 2, byReason: [{ count: 2 }] },
        nondeterministic: { count: 2 },
      });
      expect(sample.rejected.first[0]?.by).toBe('transform');
      expect(sample.nondeterministic.first[0]?.fields).toMatchObject([{ path: 'at' }]);
    },
  );

  test('nothing for a plan that copies no documents', async () => {
    const definition = { ...(await declare({ after: NUMBER })), version: 1, mappings: {} };
    const plan = await makePlan(cluster, definition);
    const { signal } = new AbortController();
    expect(plan.kind).toBe('nothing');
    expect(await takeSample({ cluster, definition, plan, count: 10, signal })).toBeUndefined();
  });

  test('that an empty index has no documents', async () => {
    const { sample } = await sampled(await declare({ after: PRICE }), 10);
    expect(sample).toMatchObject({ documents: 0, indexed: 0, rejected: { count: 0 } });
  });
});
