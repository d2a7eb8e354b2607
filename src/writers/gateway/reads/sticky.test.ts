import { describe, expect, it } from 'vitest';
import { shareOf, readSticky, stickyValue } from './sticky.js';

const LINES = 'X-User: ada\r\nCookie: theme=dark; session=s1 ;empty=\r\naccept: */*\r\n';

describe('the sticky value of a request', () => {
  it.each([
    ['header:X-User', 'ada'],
    ['cookie:session', 's1'],
    ['cookie:theme', 'dark'],
    ['cookie:empty', undefined],
    ['cookie:Session', undefined],
    ['header:x-other', undefined],
  ])('%s: %s', (text, expected) => {
    const sticky = readSticky(text);
    expect(sticky).toBeDefined();
    expect(sticky && stickyValue(sticky, LINES)).toBe(expected);
  });

  it.each(['', 'x-user', 'header:', 'header:a b', 'query:q', 'cookie:a=b'])(
    '%j names no such value',
    (text) => {
      expect(readSticky(text)).toBeUndefined();
    },
  );
});

describe('the side of a sticky value', () => {
  it('is the same at any time and in any process', () => {
    expect(shareOf('ada', 'catalogue')).toBe(0.3203505522105843);
    expect(shareOf('ada', 'catalogue')).not.toBe(shareOf('ada', 'orders'));
  });

  it('is spread evenly', () => {
    const places = Array.from({ length: 10_000 }, (_, n) => shareOf(`user${n}`, 'catalogue'));
    for (const share of [0.01, 0.1, 0.5, 0.9]) {
      const below = places.filter((place) => place < share).length / places.length;
      expect(Math.abs(below - share)).toBeLessThan(0.02);
    }
  });
});
