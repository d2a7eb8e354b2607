// The shard that a document is computed to be on, against where the engine puts it.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import { indexRouting } from '../../../src/cluster/indices/indexRouting.js';
import { refresh } from '../../../src/cluster/indices/refresh.js';
import { shardOf } from '../../../src/protocol/shardOf.js';
import { testCluster, uniqueName } from '../engine.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

const KEYS = Array.from({ length: 300 }, (_, n) => {
  const id = [`d${n}`, `ключ ${n}`, `🗝️${n}`, 'é'.repeat(1 + (n % 7)) + n, `a/b?c=${n}&d`][n % 5] as string;
  return { id, routing: n % 3 === 0 ? `r${n % 11} ü, 鍵` : undefined };
});

const LAYOUTS: readonly [string, Record<string, number>][] = [
  ['1 shard', { number_of_shards: 1 }],
  ['3 shards', { number_of_shards: 3 }],
  ['5 shards', { number_of_shards: 5 }],
  ['shards that can be split', { number_of_shards: 2, number_of_routing_shards: 12 }],
  ['shards that can not', { number_of_shards: 3, number_of_routing_shards: 3 }],
  ['partitions', { number_of_shards: 5, routing_partition_size: 2 }],
];

describe('shardOf', () => {
  it.each(LAYOUTS)('is where the engine puts a document: %s', async (_, settings) => {
    const index = uniqueName('imt-shards');
    await createIndex(cluster, index, {
      settings: { ...settings, number_of_replicas: 0 },
      // an engine takes partitions only where every document must have a routing
      mappings: settings['routing_partition_size'] ? { _routing: { required: true } } : {},
    });
    const keys = KEYS.map(({ id, routing }) => ({
      id,
      routing: routing ?? (settings['routing_partition_size'] ? id : undefined),
    }));
    const lines = keys.map(({ id, routing }) => `${JSON.stringify({ index: { _id: id, routing } })}\n{}\n`);
    await cluster.connection.json({ method: 'POST', path: `/${index}/_bulk`, body: lines.join('') });
    await refresh(cluster, index);
    const layout = await indexRouting(cluster, index);
    const found = new Map<string, number>();
    for (let shard = 0; shard < layout.shards; shard++) {
      const { hits } = await cluster.connection.json<{ hits: { hits: { _id: string }[] } }>({
        method: 'POST',
        path: `/${index}/_search`,
        query: { preference: `_shards:${shard}` },
        body: { size: 1_000, _source: false },
      });
      for (const { _id } of hits.hits) found.set(_id, shard);
    }
    expect(found.size).toBe(keys.length);
    expect(new Map(keys.map((key) => [key.id, shardOf(key, layout)]))).toEqual(found);
  });
});
