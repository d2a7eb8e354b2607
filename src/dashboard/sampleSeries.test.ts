import { expect, it, test } from 'vitest';
import { testRecord } from '../../tests/testRecord.js';
import { FREE } from '../protocol/record.js';
import { limitOf, NO_TIMES, sampleOf, SampleSeries } from './sampleSeries.js';
import { averageSince } from './searchClock.js';

const sample = (at: number) => ({ ...sampleOf(testRecord(), NO_TIMES), at });

it('gives a page the points that it does not have, and no point twice', () => {
  const series = new SampleSeries('id');
  series.add(sample(1), 1);
  series.add(sample(1), 2);
  series.add(sample(2), 3);
  expect(series.after(0).map(({ at }) => at)).toEqual([1, 2]);
  expect(series.after(2).map(({ at }) => at)).toEqual([2]);
  expect(series.after(3)).toEqual([]);
});

it('stays small, and keeps its beginning and its end', () => {
  const series = new SampleSeries('id');
  for (let n = 0; n < 10_000; n++) series.add(sample(n), n + 1);
  const times = series.after(0).map(({ at }) => at);
  expect(times.length).toBeLessThanOrEqual(1_200);
  expect(times[0]).toBe(0);
  expect(times.at(-1)).toBe(9_999);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test.each([
  ['no limit', FREE, '', null],
  ['the limit of a person', { ...FREE, maxDocsPerSecond: 500 }, '', 500],
  [
    'the limit of the throttle',
    { ...FREE, maxDocsPerSecond: 50_000 },
    '8,200 documents/s at most: searches take 1.4 times as long',
    8_200,
  ],
  ['a pause', { ...FREE, paused: true }, 'copying is paused (twindex throttle --resume)', 0],
])('%s is a limit', (_, throttle, throttled, limit) => expect(limitOf({ throttle, throttled })).toBe(limit));

it('has the rate of what is under way', () => {
  const progress = { task: 'verify', done: 5, confirmed: 5, total: 10, rate: 7, etaMs: 1 };
  expect(sampleOf(testRecord({ progress }), { sourceMs: 1, targetMs: null })).toMatchObject({
    copyRate: null,
    verifyRate: 7,
    percent: 50,
    limit: null,
    sourceMs: 1,
    targetMs: null,
  });
});

it('an average of searches is that of the searches since the last look', () => {
  expect(averageSince({ count: 10, ms: 100 }, { count: 14, ms: 120 })).toBe(5);
  expect(averageSince({ count: 10, ms: 100 }, { count: 10, ms: 100 })).toBeNull();
  expect(averageSince({ count: 10, ms: 100 }, { count: 2, ms: 8 })).toBeNull();
});
