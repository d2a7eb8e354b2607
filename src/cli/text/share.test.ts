import { describe, expect, it } from 'vitest';
import { parseShare, shareText } from './share.js';

describe('a share', () => {
  it.each([
    ['5%', 0.05],
    ['0.5%', 0.005],
    ['100%', 1],
    ['0%', 0],
    ['0', 0],
  ])('%s is %d', (text, share) => {
    expect(parseShare(text, '--shadow')).toBeCloseTo(share, 10);
  });

  it.each(['', '5', '0.5', '101%', '-1%', '%', 'half'])('%j is refused', (text) => {
    expect(() => parseShare(text, '--shadow')).toThrow(/--shadow: .* is not a share/);
  });

  it.each([
    [0.05, '5%'],
    [0.07, '7%'],
    [0.005, '0.5%'],
    [1, '100%'],
    [0, '0%'],
    [0.99871, '99.9%'],
  ])('%d is shown as %s', (share, text) => {
    expect(shareText(share)).toBe(text);
  });
});
