import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withoutFigures, withoutRepeats } from './repeated.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

function meeting(): {
  readonly lines: string[];
  readonly meet: (text: string, seconds?: number, key?: string) => void;
} {
  const lines: string[] = [];
  const note = withoutRepeats((line) => void lines.push(line));
  return {
    lines,
    meet(text, seconds = 0, key) {
      vi.advanceTimersByTime(seconds * 1_000);
      note(text, key);
    },
  };
}

test('a message once a second is reported at once, then counted at doubling intervals', () => {
  const { lines, meet } = meeting();
  for (let n = 0; n <= 80; n++) meet('no answer', n === 0 ? 0 : 1);
  expect(lines).toEqual([
    'no answer',
    'no answer (seen 11 times in 10s)',
    'no answer (seen 31 times in 30s)',
    'no answer (seen 71 times in 1m 10s)',
  ]);
});

test('alternating texts are counted separately', () => {
  const { lines, meet } = meeting();
  for (let n = 0; n < 8; n++) meet(n % 2 ? 'b' : 'a', 1);
  expect(lines).toEqual(['a', 'b']);
});

test('a text that did not occur for long is reported as a new one', () => {
  const { lines, meet } = meeting();
  meet('a');
  meet('a', 301);
  expect(lines).toEqual(['a', 'a']);
});

test('texts with the same key count as one text', () => {
  const { lines, meet } = meeting();
  meet('the lag is 1 s', 0, 'lag');
  meet('the lag is 2 s', 1, 'lag');
  meet('the lag is 3 s', 10, 'lag');
  expect(lines).toEqual(['the lag is 1 s', 'the lag is 3 s (seen 3 times in 11s)']);
});

test.each([
  ['the lag of 1,204 ms is above 1000 ms', 'the lag of # ms is above # ms'],
  ['run twindex migrate shop --max-lag 3s', 'run twindex migrate shop --max-lag #s'],
  ['3 documents are rejected by shop-v2', '# documents are rejected by shop-v2'],
  ['process 17 on ops-1 has index shop-v2', 'process 17 on ops-1 has index shop-v2'],
])('"%s": figures that change while it is true are left out of the key', (text, key) => {
  expect(withoutFigures(text)).toBe(key);
});
