// Tests checks for kinds of indexes that the tests' engines cannot create, because they lack the modules.
import { expect, test } from 'vitest';
import { lifecycleFindings } from './lifecycle.js';
import { specialIndexFindings } from './specialIndex.js';
import { shardLimitFindings } from './shardLimit.js';
import { matches } from './indexTemplate.js';

const index = (settings: Record<string, unknown>) => ({
  index: 'shop-v1',
  mappings: {},
  aliases: {},
  settings: { index: settings as Record<string, string> },
});

test.each([
  [{ store: { type: 'snapshot' } }, 'searchable snapshot'],
  [{ store: { type: 'remote_snapshot' } }, 'searchable snapshot'],
  [{ frozen: 'true' }, 'frozen'],
  [{ xpack: { ccr: { following_index: 'true' } } }, 'follows an index of another cluster'],
  [{ plugins: { replication: { follower: { leader_index: 'main' } } } }, 'follows main of another cluster'],
  [{ mode: 'time_series' }, 'time_series'],
])('an index with %j blocks', (settings, text) => {
  expect(specialIndexFindings(index(settings))).toMatchObject([
    { level: 'block', message: expect.stringContaining(text) as string },
  ]);
});

test('there is no finding for an index with sorting, without soft deletes and with another store', () => {
  expect(
    specialIndexFindings(
      index({ sort: { field: 'a' }, soft_deletes: { enabled: 'false' }, store: { type: 'niofs' } }),
    ),
  ).toEqual([]);
});

test.each([
  [{ lifecycle: { name: 'hot' } }, undefined, 'POST /shop-v1/_ilm/remove'],
  [
    { plugins: { index_state_management: { policy_id: 'hot' } } },
    undefined,
    'POST /_plugins/_ism/remove/shop-v1',
  ],
  [
    { opendistro: { index_state_management: { policy_id: 'hot' } } },
    undefined,
    'POST /_plugins/_ism/remove/shop-v1',
  ],
  [{}, 'hot', 'POST /_plugins/_ism/remove/shop-v1'],
])('a lifecycle policy in %j (or managed: %s) warns', (settings, managed, advice) => {
  const [finding] = lifecycleFindings('shop-v1', { index: settings }, managed);
  expect(finding).toMatchObject({ level: 'warn' });
  expect(finding?.message).toContain('lifecycle policy hot');
  expect(finding?.message).toContain(advice);
});

test.each([
  { lifecycle: { name: 'hot', rollover_alias: 'shop-write' } },
  { plugins: { index_state_management: { rollover_alias: 'shop-write' } } },
])('a rollover in %j blocks', (settings) => {
  expect(lifecycleFindings('shop-v1', { index: settings })).toMatchObject([
    { level: 'block', message: expect.stringContaining('rolls over through the alias shop-write') as string },
  ]);
});

test('no policy, no finding', () => {
  expect(lifecycleFindings('shop-v1', { index: {} })).toEqual([]);
});

test('the shard limit blocks from the first shard above it, and not when there is none', () => {
  const room = { target: 'shop-v2', wanted: 4, present: 1_996, dataNodes: 2, perNode: 1_000 };
  expect(shardLimitFindings(room)).toEqual([]);
  expect(shardLimitFindings({ ...room, wanted: 5 })).toMatchObject([{ level: 'block' }]);
  expect(shardLimitFindings({ ...room, wanted: 5, perNode: Number.NaN })).toEqual([]);
});

test.each([
  ['shop-*', 'shop-v2', true],
  ['*', 'shop-v2', true],
  ['shop-v2', 'shop-v2', true],
  ['shop-v', 'shop-v2', false],
  ['sh*2', 'shop-v2', true],
  ['shop.v2', 'shop-v2', false],
])('the pattern %s on %s: %s', (pattern, name, expected) => {
  expect(matches(pattern, name)).toBe(expected);
});
