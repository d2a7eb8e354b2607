import { describe, expect, it } from 'vitest';
import {
  decideRate,
  FREE_STATE,
  LEAST_PER_SECOND,
  type RateState,
  type Signals,
  wantsProbes,
} from './decideRate.js';

const CALM = { heapPercent: 40, indexing: 0.1, writeQueue: 0, searchQueue: 0, rejected: 0 };
const NONE = { count: 0, ms: 0 };

/** The modelled engine copies up to this many documents a second, and gets slower the more it copies. */
const CAPACITY = 20_000;
const slowdownAt = (copied: number): number => 1 + copied / CAPACITY;

interface Load {
  readonly searches?: number;
  readonly writes?: number;
  readonly usualMs?: number;
  readonly more?: Partial<Signals>;
}

/** The signals of half a second. */
function signalsOf(state: RateState, { searches = 0, writes = 0, usualMs = 4, more }: Load): Signals {
  const copied = Math.min(state.limit, CAPACITY);
  const served = (perSecond: number) => ({
    count: perSecond / 2,
    ms: (perSecond / 2) * usualMs * slowdownAt(copied),
  });
  return {
    turn: {
      tookMs: 500,
      searches: served(searches),
      writes: served(writes),
      probes: wantsProbes(state) ? served(16) : NONE,
    },
    pressure: CALM,
    rejected: 0,
    copied,
    maxSlowdown: 1.3,
    ...more,
  };
}

function play(from: RateState, turns: number, load: Load): RateState[] {
  const states = [from];
  for (let turn = 0; turn < turns; turn++) {
    const last = states.at(-1) as RateState;
    states.push(decideRate(last, signalsOf(last, load)));
  }
  return states.slice(1);
}

const lastOf = (states: readonly RateState[]): RateState => states.at(-1) as RateState;
const BUSY: Load = { searches: 60 };

describe('without other clients', () => {
  it('nothing limits the copy', () => {
    for (const state of play(FREE_STATE, 40, {}))
      expect(state).toMatchObject({ limit: Infinity, reason: '' });
  });

  it('a request now and then is no traffic', () => {
    expect(lastOf(play(FREE_STATE, 40, { searches: 1 })).mode).toBe('free');
  });

  it.each([
    ['the cluster rejected 2 requests', { rejected: 2 }],
    ['a heap is 95 % full', { pressure: { ...CALM, heapPercent: 95 } }],
    ['indexing uses 80 % of its memory', { pressure: { ...CALM, indexing: 0.8 } }],
    ['300 writes wait for a thread', { pressure: { ...CALM, writeQueue: 300 } }],
    ['50 searches wait for a thread', { pressure: { ...CALM, searchQueue: 50 } }],
  ])('it is slower when %s, and free again afterwards', (reason, more) => {
    const [hurt] = play(FREE_STATE, 1, { more });
    expect(hurt).toMatchObject({ reason });
    expect(hurt?.limit).toBeLessThan(CAPACITY);
    expect(lastOf(play(hurt as RateState, 12, {}))).toMatchObject({ limit: Infinity, reason: '' });
  });
});

describe('with other clients', () => {
  it.each([['searches'], ['writes']])('copying rests first, to see how long their %s take', (kind) => {
    const states = play(FREE_STATE, 4, { [kind]: 60 });
    expect(states.map(({ mode }) => mode)).toEqual(['measuring', 'measuring', 'measuring', 'held']);
    expect(states.slice(0, 3).every(({ limit }) => limit === 0)).toBe(true);
    expect(lastOf(states).usual).toMatchObject({ [kind]: 4 });
  });

  it.each([
    ['searches', BUSY, 0],
    ['searches and writes', { searches: 60, writes: 60 }, 0],
    ['a few searches, beside which twindex searches itself', { searches: 4 }, 0],
    ['searches of 40 ms', { searches: 60, usualMs: 40 }, 0],
  ])('the rate settles where they take no longer than they may: %s', (_, load) => {
    const states = play(FREE_STATE, 200, load).slice(40);
    const copying = states.filter(({ mode }) => mode === 'held');
    const slowdowns = copying.map(({ limit }) => slowdownAt(Math.min(limit, CAPACITY)));
    // The mean of all turns is within the limit, and no single turn is far outside.
    expect(slowdowns.reduce((sum, slowdown) => sum + slowdown, 0) / slowdowns.length).toBeLessThan(1.3);
    expect(Math.max(...slowdowns)).toBeLessThan(1.5);
    const rates = copying.map(({ limit }) => limit);
    expect(rates.reduce((sum, rate) => sum + rate, 0) / rates.length).toBeGreaterThan(0.12 * CAPACITY);
    expect(copying.length / states.length).toBeGreaterThan(0.9);
  });

  it('a limit that the copy cannot reach does not grow for ever', () => {
    const slowCopy: Load = { ...BUSY, usualMs: 0.1, more: { copied: 1_000 } };
    const limits = play(FREE_STATE, 100, slowCopy).map(({ mode, limit }) => (mode === 'held' ? limit : 0));
    expect(Math.max(...limits)).toBeLessThan(10_000);
  });

  it('the wait of writes for a thread counts, and what the engine does not count is a part of their usual time', () => {
    const waiting = (ms: number) => {
      const measured = lastOf(play(FREE_STATE, 6, { writes: 60, usualMs: 0.2 }));
      const before = measured.limit;
      const writes = { count: 30, ms: 30 * ms };
      const load = { more: { turn: { tookMs: 500, searches: NONE, writes, probes: NONE } } };
      return lastOf(play(measured, 3, load)).limit / before;
    };
    expect(waiting(0.8)).toBeGreaterThan(1);
    expect(waiting(2)).toBeLessThan(0.8);
  });

  it('a larger bound lets it copy more', () => {
    const meanOf = (maxSlowdown: number): number => {
      const states = play(FREE_STATE, 200, { ...BUSY, more: { maxSlowdown } }).slice(40);
      return states.reduce((sum, { limit }) => sum + limit, 0) / states.length;
    };
    expect(meanOf(1.8)).toBeGreaterThan(1.7 * meanOf(1.3));
  });

  it('the reason for the limit is reported', () => {
    const reasons = play(FREE_STATE, 40, BUSY).map(({ reason }) => reason);
    expect(reasons).toContainEqual(
      expect.stringMatching(/^searches take \d\.\d ms, 4\.0 ms when nothing is copied$/),
    );
  });

  it('the limit ends when they have gone, and when they come back the copy pauses again', () => {
    const quiet = lastOf(play(lastOf(play(FREE_STATE, 40, BUSY)), 8, {}));
    expect(quiet).toMatchObject({ mode: 'free', limit: Infinity, reason: '' });
    expect(lastOf(play(quiet, 1, BUSY)).mode).toBe('measuring');
  });

  it('the measurement is repeated when their requests have become slower by themselves', () => {
    const before = lastOf(play(FREE_STATE, 30, BUSY));
    const states = play(before, 200, { ...BUSY, usualMs: 12 });
    expect(lastOf(states).usual.searches).toBeGreaterThan(11);
    expect(lastOf(states).limit).toBeGreaterThan(4 * LEAST_PER_SECOND);
  });

  it('the rate stays high enough for the copy to finish', () => {
    const slow = { ...BUSY, more: { rejected: 5 } };
    expect(lastOf(play(lastOf(play(FREE_STATE, 5, BUSY)), 40, slow)).limit).toBe(LEAST_PER_SECOND);
  });
});

describe('a cluster that does not answer', () => {
  it('is not copied to, and slowly at first when it answers again', () => {
    const silent = decideRate(FREE_STATE, undefined);
    expect(silent).toMatchObject({ limit: 0, reason: 'the load of the cluster could not be read' });
    expect(lastOf(play(silent, 1, {})).limit).toBeLessThanOrEqual(2 * LEAST_PER_SECOND);
  });
});
