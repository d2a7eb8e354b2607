import { expect, test } from 'vitest';
import { formatAgo, formatDuration, parseDuration } from './duration.js';

test.each([
  ['500ms', 500],
  ['0s', 0],
  ['1.5s', 1_500],
  ['5m', 300_000],
  ['72h', 259_200_000],
  ['3d', 259_200_000],
  [' 2s ', 2_000],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text, '--grace')).toBe(ms);
});

test.each(['', '60', 's', '-1s', '1e3s', '5 m', '5min', 'Infinitys', '99999999999999999d'])(
  '"%s" is refused with the option, the text and the ways to write it',
  (text) => {
    expect(() => parseDuration(text, '--grace')).toThrow(
      `--grace: "${text}" is not a duration. Write a number with its unit: 500ms, 2s, 5m, 72h or 3d.`,
    );
  },
);

test.each([
  [0, '0ms'],
  [350, '350ms'],
  [1_000, '1s'],
  [12_400, '12s'],
  [59_800, '1m'],
  [123_000, '2m 3s'],
  [3_600_000, '1h'],
  [3_660_000, '1h 1m'],
  [90_061_000, '1d 1h'],
])('%d ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [-5_000, 'just now'],
  [999, 'just now'],
  [59_999, '59 s ago'],
  [180_000, '3 min ago'],
  [7_300_000, '2 h ago'],
  [86_400_000, '1 day ago'],
  [259_200_000, '3 days ago'],
])('a moment %d ms in the past reads %s', (ms, text) => {
  expect(formatAgo(ms)).toBe(text);
});
