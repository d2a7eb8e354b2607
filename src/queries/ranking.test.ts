import { describe, expect, it } from 'vitest';
import { aligned, overlap, type Ranked, rankBiasedOverlap } from './ranking.js';

const ranked = (text: string): Ranked[] =>
  text.split(' ').map((hit) => {
    const [id = '', by = ''] = hit.split(':');
    return { id, by };
  });
const PARTS = { before: false, after: false };
const WHOLE = { before: true, after: true };

describe('overlap', () => {
  it('is the share of the first ten that both have', () => {
    expect(overlap(['a', 'b', 'c', 'd'], ['d', 'a', 'x', 'y'])).toBe(0.5);
    expect(overlap([], [])).toBe(1);
    expect(overlap(['a'], [])).toBe(0);
  });
});

describe('rankBiasedOverlap', () => {
  it('is 1 for equal rankings and 0 for disjoint ones', () => {
    expect(rankBiasedOverlap(['a', 'b', 'c'], ['a', 'b', 'c'])).toBe(1);
    expect(rankBiasedOverlap(['a', 'b'], ['c', 'd'])).toBe(0);
  });
  it('weighs a change at the top more than one at the end', () => {
    const before = 'abcdefghij'.split('');
    const top = rankBiasedOverlap(before, 'bacdefghij'.split(''));
    const end = rankBiasedOverlap(before, 'abcdefghji'.split(''));
    expect(top).toBeLessThan(end);
    expect(end).toBeLessThan(1);
  });
});

describe('aligned', () => {
  it('gives hits with one score no order', () => {
    const found = aligned(ranked('a:9 b:5 c:5'), ranked('a:8 c:4 b:4'), WHOLE);
    expect(found.before).toEqual(found.after);
  });
  it('keeps the order of hits with different scores', () => {
    const found = aligned(ranked('a:9 b:5 c:4'), ranked('a:8 c:4 b:3'), WHOLE);
    expect(found.after).toEqual(['a', 'c', 'b']);
  });
  it('takes any of the hits that share the last score for the same, where there may be more of them', () => {
    const found = aligned(ranked('a:9 b:1 c:1'), ranked('a:9 d:1 e:1'), PARTS);
    expect(found.before).toEqual(found.after);
  });
  it('does not where all hits are there', () => {
    const found = aligned(ranked('a:9 b:1 c:1'), ranked('a:9 d:1 e:1'), WHOLE);
    expect(overlap(found.before, found.after)).toBeCloseTo(1 / 3);
  });
  it('looks at ten', () => {
    const twelve = 'abcdefghijkl'.split('').map((id, n) => ({ id, by: String(20 - n) }));
    expect(aligned(twelve, twelve, PARTS).before).toHaveLength(10);
  });
});
