import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreements, isDecided, overlap, type Ranking, rankBiasedOverlap, rankingOf } from './ranking.js';

const WHOLE = { top: 0, depth: 10, closedAbove: true, closedBelow: true };

/** `a (b c) d`: b and c are tied. */
function ranking(text: string, window: Partial<typeof WHOLE> = {}): Ranking {
  const hits = [...text.matchAll(/\(([^)]*)\)|(\S+)/g)].flatMap(([, tied, single], n) =>
    (single ?? tied ?? '')
      .split(' ')
      .filter((id) => id !== '')
      .map((id) => ({ id, by: String(n) })),
  );
  return rankingOf(hits, { ...WHOLE, ...window });
}

const ids = (from: number, to: number, step = 1): string => {
  const all: string[] = [];
  for (let n = from; n < to; n += step) all.push(`d${n}`);
  return all.join(' ');
};

describe('overlap', () => {
  it.each([
    ['', '', 1],
    ['a', '', 0],
    ['a b c d', 'd a x y', 1 / 2],
    ['a b c', 'a', 1 / 3],
    ['a (b c)', '(b c) a', 1],
    ['a (b c)', 'a c b', 1],
    // Four of ten are in common, and all are tied, so no hit beyond the window can explain the others.
    [`(${ids(0, 10)})`, `(${ids(6, 16)})`, 4 / 10],
  ])('of "%s" and "%s" is %d', (before, after, expected) => {
    expect(overlap(ranking(before), ranking(after))).toBe(expected);
  });

  it('is 0 for two ties of 300 hits that have none in common', () => {
    expect(overlap(ranking(`(${ids(0, 600, 2)})`), ranking(`(${ids(1, 600, 2)})`))).toBe(0);
  });
  it('is 1 where the window divides one tie that has the same hits on both sides', () => {
    const [up, down] = [ids(0, 49), ids(0, 49).split(' ').toReversed().join(' ')];
    expect(overlap(ranking(`a b (${up})`), ranking(`b a (${down})`))).toBe(1);
  });
  it('counts a divided tie by the hits that both have', () => {
    // 10 of 300 ranks, and 299 hits in common. Each is shown with the smaller chance, 10 / 300.
    expect(overlap(ranking(`(${ids(0, 300)})`), ranking(`(${ids(1, 300)})`))).toBe((299 * 10) / 300 / 10);
    // A stemmer finds 75 instead of 30 hits, all with one score: 30 * 10 / 75 of ten.
    expect(overlap(ranking(`(${ids(0, 30)})`), ranking(`(${ids(0, 75)})`))).toBe(4 / 10);
    // 9 common hits, and a tie of two hits, of which the other side has one: 9 + 1 / 2.
    const nine = ids(0, 9);
    expect(overlap(ranking(`${nine} (x y)`), ranking(`${nine} x z`))).toBe(9.5 / 10);
  });
  it('counts what one side has for certain, and the other may show, by that chance', () => {
    // A window of one rank shows one of the two hits in (a b).
    const window = { depth: 1 };
    expect(overlap(ranking('a b', window), ranking('(a b)', window))).toBe(1 / 2);
  });
  it('looks at a page behind the first one with the ties that begin before it', () => {
    const page = { top: -2, depth: 2 };
    expect(overlap(ranking('a b c d e', page), ranking('b a d c f', page))).toBe(1);
    expect(overlap(ranking('(a b c d)', page), ranking('(d c b a)', page))).toBe(1);
    expect(overlap(ranking('(a b c d)', page), ranking('(d c b x)', page))).toBe(3 / 4);
  });
  it('does not count a tie of which not all hits are known', () => {
    const open = { closedBelow: false };
    const tie = ranking(`a b (${ids(0, 20)})`, open);
    expect(isDecided(tie)).toBe(false);
    expect(overlap(tie, tie)).toBe(2 / 10);
    expect(isDecided(ranking(`${ids(0, 10)} (x y z)`, open))).toBe(true);
    expect(isDecided(ranking('(a b) c d', { closedAbove: false }))).toBe(false);
  });
});

describe('rankBiasedOverlap', () => {
  it('has the published value of the example with ties of its authors', () => {
    // https://github.com/julian-urbano/sigir2024-rbo, rbo/Python: RBO_min^w = 0.3429684 for p = 0.95. Hits
    // beyond the shorter ranking do not count as common there. The rest of the infinite sum is added here.
    const p = 0.95;
    const agreed = agreements(
      ranking('red (blue green) yellow pink'),
      ranking('(blue red) white (yellow black purple) green'),
    );
    const common = 4;
    const seen = agreed.map((agreement, n) => agreement * p ** (n + 1));
    const tail = agreed.map((_, n) => p ** (n + 1) / (n + 1));
    const sum = (values: number[]): number => values.reduce((all, value) => all + value, 0);
    const min = ((1 - p) / p) * (sum(seen) + common * (Math.log(1 / (1 - p)) - sum(tail)));
    expect(min).toBeCloseTo(0.3429684, 7);
  });
  it('has the agreements that were calculated by hand', () => {
    // depth 1: {a} and {b}; 2: {a b c} and {b a}; 3: {a b c} and {b a d}
    expect(agreements(ranking('a (b c)'), ranking('b a d'))).toEqual([0, 4 / 5, 4 / 6]);
    expect(rankBiasedOverlap(ranking('a (b c)'), ranking('b a d'))).toBeCloseTo(
      (0.9 * 0.8 + 0.81 * (2 / 3)) / (1 + 0.9 + 0.81),
      12,
    );
    // The shorter ranking has ended: 1 of 1, 1 of 2, 1 of 3.
    expect(agreements(ranking('a'), ranking('a b c'))).toEqual([1, 1 / 2, 1 / 3]);
  });
  it('weighs a change at the top more than one at the end', () => {
    const before = ranking('a b c d e f g h i j');
    const top = rankBiasedOverlap(before, ranking('b a c d e f g h i j'));
    const end = rankBiasedOverlap(before, ranking('a b c d e f g h j i'));
    expect(top).toBeLessThan(end);
    expect(end).toBeLessThan(1);
  });
  it('is 0 for two ties that have no hit in common, and for one that is not known', () => {
    expect(rankBiasedOverlap(ranking(`(${ids(0, 600, 2)})`), ranking(`(${ids(1, 600, 2)})`))).toBe(0);
    const open = ranking(`(${ids(0, 20)})`, { closedBelow: false });
    expect(rankBiasedOverlap(open, open)).toBe(0);
  });
});

describe('overlap and rank-biased overlap', () => {
  const someHits = (prefix = 'd') =>
    fc
      .uniqueArray(fc.nat(30), { maxLength: 25 })
      .chain((numbers) =>
        fc.tuple(fc.constant(numbers), fc.array(fc.nat(3), { minLength: 25, maxLength: 25 })),
      )
      .map(([numbers, steps]) => {
        let by = 0;
        return numbers.map((n, at) => {
          by += (steps[at] as number) === 0 ? 1 : 0;
          return { id: `${prefix}${n}`, by: String(by) };
        });
      });
  const window = fc.record({
    top: fc.integer({ min: -8, max: 0 }),
    depth: fc.integer({ min: 1, max: 10 }),
    closedAbove: fc.constant(true),
    closedBelow: fc.constant(true),
  });
  const measures = [overlap, rankBiasedOverlap] as const;

  it('are 1 for a ranking and itself, and for any order within its ties', () => {
    fc.assert(
      fc.property(someHits(), window, fc.func(fc.nat()), (hits, at, chance) => {
        const shuffled = hits
          .map((hit) => ({ hit, key: chance(hit.id) }))
          .toSorted((a, b) => Number(a.hit.by) - Number(b.hit.by) || a.key - b.key)
          .map(({ hit }) => hit);
        for (const measure of measures) expect(measure(rankingOf(hits, at), rankingOf(shuffled, at))).toBe(1);
      }),
    );
  });
  it('do not depend on the order within ties', () => {
    fc.assert(
      fc.property(someHits(), someHits(), window, fc.func(fc.nat()), (before, after, at, chance) => {
        const shuffled = after
          .map((hit) => ({ hit, key: chance(hit.id) }))
          .toSorted((a, b) => Number(a.hit.by) - Number(b.hit.by) || a.key - b.key)
          .map(({ hit }) => hit);
        for (const measure of measures)
          expect(measure(rankingOf(before, at), rankingOf(shuffled, at))).toBeCloseTo(
            measure(rankingOf(before, at), rankingOf(after, at)),
            12,
          );
      }),
    );
  });
  it('are symmetric, and between 0 and 1', () => {
    fc.assert(
      fc.property(someHits(), someHits(), window, (before, after, at) => {
        const [a, b] = [rankingOf(before, at), rankingOf(after, at)];
        for (const measure of measures) {
          expect(measure(a, b)).toBeCloseTo(measure(b, a), 12);
          expect(measure(a, b)).toBeGreaterThanOrEqual(0);
          expect(measure(a, b)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
  it('are 0 for rankings without a common hit', () => {
    fc.assert(
      fc.property(someHits('a'), someHits('b'), window, (before, after, at) => {
        const [a, b] = [rankingOf(before, at), rankingOf(after, at)];
        fc.pre(a.ties.length + b.ties.length > 0);
        for (const measure of measures) expect(measure(a, b)).toBe(0);
      }),
    );
  });
  it('are 1 only where the ties of the window have the same hits', () => {
    const pages = fc.tuple(someHits(), someHits(), window);
    fc.assert(
      fc.property(pages, ([before, after, at]) => {
        const [a, b] = [rankingOf(before, at), rankingOf(after, at)];
        const isOne = overlap(a, b) === 1;
        const all = ({ ties }: Ranking): string => JSON.stringify(ties.flatMap((tie) => tie.ids).toSorted());
        if (isOne) expect(all(a)).toBe(all(b));
      }),
    );
  });
});
