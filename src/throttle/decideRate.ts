// How many documents a second may be copied, from what was seen of the engine. Pure.
import type { NodePressure } from '../cluster/operations/nodePressure.js';
import { percentile } from '../percentile.js';

/** What was seen in one turn, about a second. */
export interface Signals {
  /** Latencies of our own searches of the source, lately; ms. */
  readonly probes: readonly number[];
  readonly pressure: NodePressure;
  /** Writes and searches that were turned away in this turn. */
  readonly rejected: number;
  /** Documents a second that were copied in this turn. */
  readonly copied: number;
}

export interface RateState {
  /** Documents a second; infinite: nothing holds the copy back. */
  readonly limit: number;
  /** High latency of our searches when nothing was copied; ms. */
  readonly usualMs: number;
  /** Turns in a row at the lowest rate, and it is slow all the same. */
  readonly slowTurns: number;
  /** Why it is held back; empty when it is not. */
  readonly reason: string;
}

/** It is never slower by itself: a copy that never ends helps nobody. */
export const LEAST_PER_SECOND = 250;
/** Searches may take so many times as long as usual. */
const TOLERANCE = 1.35;
/** Below a millisecond or two nothing can be told. */
const NOISE_MS = 0.7;
const HIGH = 90;
/** Slow searches take so many times as long as those in the middle, where nothing disturbs; more is what was still cold. */
const STEADY = 1.3;
/** Of fewer searches nothing can be told. */
const LEAST_PROBES = 15;
/** It begins with so many, to find out what the cluster bears, instead of with as many as it can. */
const FIRST_PER_SECOND = 2_000;
/** Until anything was felt, and after that. */
const UP_AT_FIRST = 1.5;
const UP = 1.15;
/** A copy that is held back stays below its rate by as much, now and then. */
const UNUSED = 1.1;
/** What is usual was measured while everything was still cold: it becomes less quickly, and more hardly ever. */
const USUAL_DOWN = 0.95;
/** It is slow for other reasons: what is usual has changed. */
const TURNS_UNTIL_USUAL = 8;

export function firstState(probes: readonly number[]): RateState {
  const usualMs = Math.min(highOf(probes), STEADY * percentile(probes, 50));
  return { limit: FIRST_PER_SECOND, usualMs, slowTurns: 0, reason: '' };
}

/** @param signals undefined when they are stale: then nothing is copied */
export function decideRate(state: RateState, signals: Signals | undefined): RateState {
  if (!signals) return { ...state, limit: 0, reason: 'the cluster does not say how it fares' };
  const now = highOf(signals.probes);
  const { heapPercent, indexing, writeQueue, searchQueue } = signals.pressure;
  const tells = signals.probes.length >= LEAST_PROBES;
  const slow = tells && now > state.usualMs * TOLERANCE + NOISE_MS;
  const before = state.limit === 0 ? LEAST_PER_SECOND : state.limit;
  const atLeast = before <= LEAST_PER_SECOND;
  if (slow && atLeast && state.slowTurns + 1 >= TURNS_UNTIL_USUAL)
    return { limit: before, usualMs: now, slowTurns: 0, reason: '' };

  const hurts: (readonly [number, string] | undefined)[] = [
    signals.rejected > 0 ? [0.5, `${signals.rejected} requests were turned away`] : undefined,
    heapPercent > 92 ? [0.6, `a heap is ${heapPercent} % full`] : undefined,
    indexing > 0.7 ? [0.6, `indexing holds ${Math.round(indexing * 100)} % of its memory`] : undefined,
    writeQueue > 100 ? [0.7, `${writeQueue} writes wait for a thread`] : undefined,
    searchQueue > 20 ? [0.7, `${searchQueue} searches wait for a thread`] : undefined,
    slow ? [now > state.usualMs * 2 + NOISE_MS ? 0.6 : 0.85, slowness(now, state.usualMs)] : undefined,
  ];
  const worst = hurts.filter((hurt) => hurt !== undefined).sort(([a], [b]) => a - b)[0];
  if (worst) {
    const [factor, reason] = worst;
    // what is not used of a rate need not be taken away
    const from = Math.min(before, Math.max(signals.copied * UNUSED, LEAST_PER_SECOND / factor));
    const limit = Math.max(LEAST_PER_SECOND, from * factor);
    return { ...state, limit, slowTurns: slow && atLeast ? state.slowTurns + 1 : 0, reason };
  }
  if (!tells && state.limit > 0) return state;
  // much more is allowed than is copied: nothing holds it back any more
  const free = Number.isFinite(before) && before > 3 * Math.max(signals.copied, 5 * LEAST_PER_SECOND);
  return {
    limit: free ? Number.POSITIVE_INFINITY : before * (state.reason === '' ? UP_AT_FIRST : UP),
    usualMs: tells ? Math.min(state.usualMs, Math.max(now, state.usualMs * USUAL_DOWN)) : state.usualMs,
    slowTurns: 0,
    reason: free || !Number.isFinite(before) ? '' : state.reason,
  };
}

const slowness = (now: number, usual: number): string =>
  `searches take ${now.toFixed(1)} ms, ${usual.toFixed(1)} ms when nothing is copied`;

/** What nine of ten stay below. */
const highOf = (values: readonly number[]): number => percentile(values, HIGH);
