import { expect, it, test } from 'vitest';
import { ago, duration, indented } from './format.js';

test.each([
  [0, '0 ms'],
  [350, '350 ms'],
  [12_000, '12 s'],
  [59_999, '1 min'],
  [125_000, '2 min 5 s'],
  [3_900_000, '1 h 5 min'],
  [90_000_000, '1 d 1 h'],
])('%i ms are %s', (ms, text) => expect(duration(ms)).toBe(text));

it('a time in the past is said in its largest unit, and one that seems to be ahead is now', () => {
  const now = Date.parse('2026-03-02T12:00:00Z');
  expect(ago('2026-03-02T11:57:00Z', now)).toBe('3 min ago');
  expect(ago('2026-03-02T12:00:30Z', now)).toBe('just now');
  expect(ago('', now)).toBe('just now');
});

it('JSON is indented with every digit of its numbers', () => {
  const json =
    '{"id":9007199254740993,"price":1.10,"tags":["a, b","{x}"],"empty":{},"none":[],"text":"say \\"hi\\""}';
  expect(indented(json)).toEqual([
    '{',
    '  "id": 9007199254740993,',
    '  "price": 1.10,',
    '  "tags": [',
    '    "a, b",',
    '    "{x}"',
    '  ],',
    '  "empty": {},',
    '  "none": [],',
    '  "text": "say \\"hi\\""',
    '}',
  ]);
});
