import { expect, it } from 'vitest';
import { rangesOf, tailsOf, wholeShards } from './ranges.js';

it('ranges cover every operation of every shard once', () => {
  const shards = [-1, 0, 4_999, 123_456];
  const ranges = rangesOf(wholeShards(shards));
  for (const [shard, max] of shards.entries()) {
    const own = ranges.filter((range) => range.shard === shard);
    let next = -1;
    for (const { after, upTo } of own) {
      expect(after).toBe(next);
      expect(upTo).toBeGreaterThan(after);
      next = upTo;
    }
    expect(next).toBe(max);
  }
  expect(ranges.length).toBeGreaterThan(10);
});

it('ranges begin after the operations that are left out', () => {
  expect(rangesOf([{ shard: 2, after: 99, upTo: 5_100 }])).toEqual([
    { shard: 2, after: 99, upTo: 5_099 },
    { shard: 2, after: 5_099, upTo: 5_100 },
  ]);
  expect(rangesOf([{ shard: 0, after: 9, upTo: 9 }])).toEqual([]);
});

it('tails begin where the ranges end', () => {
  expect(tailsOf([-1, 7])).toEqual([
    { shard: 0, after: -1, upTo: undefined },
    { shard: 1, after: 7, upTo: undefined },
  ]);
});
