import { describe, expect, it } from 'vitest';
import { decideRate, firstState, LEAST_PER_SECOND, type RateState, type Signals } from './decideRate.js';

const CALM = { heapPercent: 40, indexing: 0.1, writeQueue: 0, searchQueue: 0, rejected: 0 };

const seen = (ms: number, more: Partial<Signals> = {}): Signals => ({
  probes: Array.from({ length: 20 }, () => ms),
  pressure: CALM,
  rejected: 0,
  copied: 10_000,
  ...more,
});

const first = firstState([10, 10, 10]);
/** Nothing was felt yet, however much was copied. */
const usual: RateState = { ...first, limit: Number.POSITIVE_INFINITY };

const turns = (
  state: RateState,
  count: number,
  signals: (state: RateState) => Signals | undefined,
): RateState =>
  Array.from({ length: count }).reduce<RateState>((now) => decideRate(now, signals(now)), state);

describe('the rate of copying', () => {
  it('is not bounded as long as searches are as fast as usual', () => {
    expect(turns(usual, 20, () => seen(11))).toMatchObject({ limit: Number.POSITIVE_INFINITY, reason: '' });
  });

  it('begins low, and grows quickly as long as nothing is felt', () => {
    expect(first.limit).toBe(2_000);
    const copied = (limit: number) => Math.min(limit, 8_000);
    expect(turns(first, 5, ({ limit }) => seen(11, { copied: copied(limit) })).limit).toBeGreaterThan(10_000);
    const later = turns(first, 12, ({ limit }) => seen(11, { copied: copied(limit) }));
    expect(later).toMatchObject({ limit: Number.POSITIVE_INFINITY, reason: '' });
  });

  it('is what is copied, and not a rate of which little is used, that becomes lower', () => {
    expect(decideRate({ ...first, limit: 90_000 }, seen(50)).limit).toBeLessThan(8_000);
  });

  it('stays as it is when too few searches tell', () => {
    const slow = seen(50, { probes: [50, 50, 50] });
    expect(decideRate(first, slow)).toEqual(first);
    expect(decideRate(first, { ...slow, rejected: 1 }).limit).toBe(1_000);
  });

  it('takes for usual what is not disturbed by a cold start', () => {
    expect(firstState([10, 10, 10, 10, 10, 10, 10, 60, 70, 80]).usualMs).toBe(13);
  });

  it('goes below what is copied when searches become slow, and says so', () => {
    const { limit, reason } = decideRate(usual, seen(18));
    expect(limit).toBeCloseTo(9_350);
    expect(reason).toBe('searches take 18.0 ms, 10.0 ms when nothing is copied');
    expect(decideRate(usual, seen(50)).limit).toBeCloseTo(6_600);
  });

  it.each([
    ['2 requests were turned away', { rejected: 2 }],
    ['a heap is 95 % full', { pressure: { ...CALM, heapPercent: 95 } }],
    ['indexing holds 80 % of its memory', { pressure: { ...CALM, indexing: 0.8 } }],
    ['500 writes wait for a thread', { pressure: { ...CALM, writeQueue: 500 } }],
    ['60 searches wait for a thread', { pressure: { ...CALM, searchQueue: 60 } }],
  ] as [string, Partial<Signals>][])('is lowered when %s', (why, more) => {
    const { limit, reason } = decideRate(usual, seen(10, more));
    expect(limit).toBeLessThan(10_000);
    expect(reason).toBe(why);
  });

  it('is nothing when the signals are stale, and little when they are back', () => {
    const stale = decideRate(usual, undefined);
    expect(stale.limit).toBe(0);
    const { limit } = decideRate(stale, seen(10, { copied: 0 }));
    expect(limit).toBeGreaterThan(0);
    expect(limit).toBeLessThan(2 * LEAST_PER_SECOND);
  });

  it('rises again, and is free when far more is allowed than can be copied', () => {
    const low = turns(usual, 5, () => seen(60));
    expect(low.limit).toBeLessThan(1_000);
    const copied = (limit: number) => Math.min(limit, 8_000);
    const free = turns(low, 60, ({ limit }) => seen(10, { copied: copied(limit) }));
    expect(free).toMatchObject({ limit: Number.POSITIVE_INFINITY, reason: '' });
  });

  it('never falls below the least, and takes what stays slow there for usual', () => {
    const low = turns(usual, 12, () => seen(60));
    expect(low.limit).toBe(LEAST_PER_SECOND);
    const used = turns(low, 10, () => seen(60));
    expect(used.usualMs).toBe(60);
    expect(used.limit).toBeGreaterThan(LEAST_PER_SECOND);
  });
});
