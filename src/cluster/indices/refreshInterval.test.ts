import { expect, it } from 'vitest';
import { intervalMs } from './refreshInterval.js';

it.each([
  ['1s', 1_000],
  ['500ms', 500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['1H', 3_600_000],
  ['1d', 86_400_000],
  ['-1', Number.POSITIVE_INFINITY],
  ['-1s', Number.POSITIVE_INFINITY],
  ['0s', Number.POSITIVE_INFINITY],
  ['now and then', 1_000],
])('reads %s', (text, ms) => {
  expect(intervalMs(text)).toBe(ms);
});
