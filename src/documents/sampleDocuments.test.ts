import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { rangesOf } from './sampleDocuments.js';

test('the ranges of a shard are the whole of it, without a gap and without an overlap', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 7 }),
      fc.integer({ min: -1, max: 1_000_000 }),
      fc.double({ min: 0.01, max: 100_000, noNaN: true }),
      (shard, maxSeqNo, share) => {
        let gate = -1;
        for (const range of rangesOf(shard, maxSeqNo, share)) {
          expect(range).toMatchObject({ shard, after: gate });
          expect(range.upTo).toBeGreaterThan(gate);
          gate = range.upTo;
        }
        expect(gate).toBe(maxSeqNo);
      },
    ),
  );
});

test('an empty shard has no range', () => {
  expect(rangesOf(0, -1, 100)).toEqual([]);
});

test('the newest operations are a range by themselves, as long as its part of the sample', () => {
  expect(rangesOf(2, 99_999, 60)).toEqual([
    { shard: 2, after: -1, upTo: 33_327 },
    { shard: 2, after: 33_327, upTo: 66_656 },
    { shard: 2, after: 66_656, upTo: 99_984 },
    { shard: 2, after: 99_984, upTo: 99_999 },
  ]);
});
