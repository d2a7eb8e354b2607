import { expect, test } from 'vitest';
import type { JsonObject } from '../json/jsonTypes.js';
import { isLeftBehind, scratchBody } from './scratchIndex.js';

test('a scratch index has the settings that affect documents, one shard, and a mark', () => {
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
  expect(scratchBody({ index: 'shop-v2', definition }, 'shop-v2-sample-1')).toEqual({
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
      _meta: { owner: 'shop', twindex: { sampleOf: 'shop-v2' } },
      properties: { a: { type: 'long' } },
    },
    aliases: { 'shop-v2-sample-1-Feed': { is_hidden: true } },
  });
});

const made = (twindex: JsonObject, createdMs?: number): { settings: JsonObject; mappings: JsonObject } => ({
  settings: { index: createdMs === undefined ? {} : { creation_date: String(createdMs) } },
  mappings: { _meta: { twindex } },
});

test.each([
  ['an old one of the same target', made({ sampleOf: 'shop-v2' }, 1_000), true],
  ['one that may be in use', made({ sampleOf: 'shop-v2' }, 1_001), false],
  ['one of another target', made({ sampleOf: 'shop-v3' }, 0), false],
  ['one of which the engine says no time', made({ sampleOf: 'shop-v2' }), false],
  ["a migration's target", made({ name: 'shop', version: 2 }, 0), false],
  ['somebody else’s index', { settings: {}, mappings: {} }, false],
])('left behind, or not: %s', (_what, index, left) => {
  expect(isLeftBehind(index, 'shop-v2', 1_000)).toBe(left);
});
