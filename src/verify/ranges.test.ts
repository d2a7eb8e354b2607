import { expect, it } from 'vitest';
import { rangesOf, tailsOf } from './ranges.js';

it('ranges cover every operation of every shard once', () => {
  const shards = [-1, 0, 4_999, 123_456];
  const ranges = rangesOf(shards);
  for (const [shard, max] of shards.entries()) {
    const own = ranges.filter((range) => range.shard === shard);
    let next = -1;
    for (const { after, upTo } of own) {
      expect(after).toBe(next);
      expect(upTo).toBeGreaterThan(after);
      next = upTo as number;
    }
    expect(next).toBe(max);
  }
  expect(ranges.length).toBeGreaterThan(10);
});

it('tails begin where the ranges end', () => {
  expect(tailsOf([-1, 7])).toEqual([
    { shard: 0, after: -1, upTo: undefined },
    { shard: 1, after: 7, upTo: undefined },
  ]);
});
