import { expect, it } from 'vitest';
import { DURATION_BOUNDS, DurationCounts } from './durationCounts.js';

it('counts each duration in the ranges whose upper end it does not exceed', () => {
  const counts = new DurationCounts();
  for (const ms of [0.5, 1, 1.1, 300, 99_000]) counts.add(ms);
  const upTo = (seconds: (typeof DURATION_BOUNDS)[number]) =>
    counts.cumulative[DURATION_BOUNDS.indexOf(seconds)];
  expect([upTo(0.001), upTo(0.0025), upTo(0.25), upTo(0.5), upTo(10)]).toEqual([2, 3, 3, 4, 4]);
  expect(counts.count).toBe(5);
  expect(counts.sumSeconds).toBeCloseTo(99.3026);
});
