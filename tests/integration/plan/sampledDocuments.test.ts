// Which documents a sample has, on the real engine.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Sample } from '../../../src/plan/sample.js';
import type { IndexDefinition } from '../../../src/schema/types.js';
import { testCluster } from '../engine.js';
import { declare, fill, numbered, sampled } from './sampleStage.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

describe('which documents are sampled', () => {
  /** The numbers of the documents that the transform has seen. */
  async function numbersSeen(
    { shards, documents }: { readonly shards: number; readonly documents: number },
    count: number,
    prepare: (definition: IndexDefinition) => Promise<void> = async () => undefined,
  ): Promise<{ readonly sample: Sample; readonly numbers: number[] }> {
    const seen = new Set<number>();
    const definition = await declare({
      shards,
      after: { n: { type: 'long' } },
      up: (doc) => {
        seen.add(doc['n'] as number);
        return doc;
      },
    });
    await fill(
      definition,
      numbered(documents, (n) => ({ n })),
    );
    await prepare(definition);
    const { sample } = await sampled(definition, count);
    return { sample, numbers: [...seen].sort((a, b) => a - b) };
  }

  test('as many as are asked for, old and new ones and those between, from every shard', async () => {
    const { sample, numbers } = await numbersSeen({ shards: 3, documents: 3_000 }, 300);
    expect(sample.documents).toBe(300);
    expect(numbers).toHaveLength(300);
    for (let tenth = 0; tenth < 3_000; tenth += 300)
      expect(numbers.filter((n) => n >= tenth && n < tenth + 300).length).toBeGreaterThan(10);
    expect(numbers[0]).toBe(0);
    expect(numbers.at(-1)).toBe(2_999);
  });

  test('all of them where there are fewer than asked for', async () => {
    const { numbers } = await numbersSeen({ shards: 2, documents: 1_234 }, 5_000);
    expect(numbers).toEqual(Array.from({ length: 1_234 }, (_, n) => n));
  });

  test('as many as are asked for although most of the sequence numbers are not live any more', async () => {
    const { numbers } = await numbersSeen({ shards: 1, documents: 2_000 }, 400, async ({ name }) => {
      const lines = Array.from({ length: 1_550 }, (_, n) => `{"delete":{"_id":"${n + 50}"}}\n`);
      await cluster.connection.json({
        method: 'POST',
        path: `/${name}-v1/_bulk`,
        query: { refresh: true },
        body: lines.join(''),
      });
    });
    expect(numbers).toHaveLength(400);
    expect(numbers.filter((n) => n < 50).length).toBe(50);
  });

  test('one id under several routings is several documents', async () => {
    const definition = await declare({ shards: 5, after: { n: { type: 'long' } } });
    await fill(
      definition,
      Array.from({ length: 40 }, (_, n) => ({ id: 'same', routing: `r${n}`, source: { n } })),
    );
    const { sample } = await sampled(definition, 100);
    expect(sample.documents).toBeGreaterThan(1);
    expect(sample).toMatchObject({ indexed: sample.documents, rejected: { count: 0 } });
  });

  test('also from an index that gives only small pages', async () => {
    const { numbers } = await numbersSeen({ shards: 1, documents: 300 }, 200, async ({ name }) => {
      await cluster.connection.json({
        method: 'PUT',
        path: `/${name}-v1/_settings`,
        body: { 'index.max_result_window': 7 },
      });
    });
    expect(numbers).toHaveLength(200);
  });
});
