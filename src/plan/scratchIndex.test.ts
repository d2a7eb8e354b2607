import { expect, test } from 'vitest';
import { isLeftBehind, scratchBody } from './scratchIndex.js';

const NOW = new Date('2030-01-01T12:00:00Z');

test('a scratch index has what decides about documents, one shard, and a mark', () => {
  const definition = {
    name: 'shop',
    file: 'shop.ts',
    settings: {
      number_of_shards: 12,
      index: { number_of_replicas: 2, routing_partition_size: 3, 'mapping.total_fields.limit': 50 },
      auto_expand_replicas: '0-all',
      'write.wait_for_active_shards': 'all',
      lifecycle: { name: 'hot' },
      analysis: { normalizer: { low: { type: 'custom', filter: ['lowercase'] } } },
    },
    mappings: { dynamic: 'strict', _meta: { owner: 'shop' }, properties: { a: { type: 'long' } } },
  };
  expect(scratchBody({ index: 'shop-v2', definition }, 'shop-v2-sample-1', NOW)).toEqual({
    settings: {
      'index.analysis.normalizer.low.filter': ['lowercase'],
      'index.analysis.normalizer.low.type': 'custom',
      'index.auto_expand_replicas': 'false',
      'index.hidden': true,
      'index.mapping.total_fields.limit': 50,
      'index.number_of_replicas': 0,
      'index.number_of_shards': 1,
      'index.refresh_interval': '-1',
      'index.write.wait_for_active_shards': '1',
    },
    mappings: {
      dynamic: 'strict',
      _meta: { owner: 'shop', twindex: { sampleOf: 'shop-v2', createdAt: '2030-01-01T12:00:00.000Z' } },
      properties: { a: { type: 'long' } },
    },
    aliases: { 'shop-v2-sample-1-Feed': { is_hidden: true } },
  });
});

const marked = (twindex: object) => ({ mappings: { _meta: { twindex } } }) as never;
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString();

test.each([
  ['an old one of the same target', marked({ sampleOf: 'shop-v2', createdAt: minutesAgo(11) }), true],
  ['one that may be in use', marked({ sampleOf: 'shop-v2', createdAt: minutesAgo(9) }), false],
  ['one of another target', marked({ sampleOf: 'shop-v3', createdAt: minutesAgo(60) }), false],
  ['one that says no time', marked({ sampleOf: 'shop-v2' }), false],
  ["a migration's target", marked({ name: 'shop', version: 2, createdAt: minutesAgo(60) }), false],
  ['somebody else’s index', { mappings: {} }, false],
])('left behind, or not: %s', (_what, index, left) => {
  expect(isLeftBehind(index, 'shop-v2', NOW.getTime())).toBe(left);
});
