import { describe, expect, it } from 'vitest';
import { parseRate } from './rate.js';

describe('a rate', () => {
  it.each([
    ['2000/s', 2_000],
    ['2000', 2_000],
    ['0.5/s', 0.5],
    ['120000/m', 2_000],
    ['7200/h', 2],
  ])('%s is %d a second', (text, rate) => {
    expect(parseRate(text, '--max-docs')).toBe(rate);
  });

  it.each(['', '0', '-1', '2000/d', 'fast', '1e3'])('%j is refused', (text) => {
    expect(() => parseRate(text, '--max-docs')).toThrow(/--max-docs: .* is not a rate/);
  });
});
