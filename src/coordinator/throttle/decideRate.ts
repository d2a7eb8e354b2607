// How many documents a second may be copied, from how other clients of the source are served. Pure.
//
// Without other clients nothing holds the copy back. With them, copying rests for a moment, so that it is known how long their
// requests take by themselves; then the rate follows the gradient: it is multiplied by how far they are from the longest time
// that they may take, and grows slowly while they are below it. This is the limit of TCP Vegas, and of the library
// concurrency-limits (Gradient2), for a rate instead of a window: it needs no model of the engine, and finds the rate again
// by itself when the clients' load changes.
import type { NodePressure } from '../../cluster/nodes/nodePressure.js';
import type { Served } from '../../cluster/indices/trafficOf.js';

/** What was seen in one turn, about half a second. */
interface Turn {
  readonly tookMs: number;
  /** Of other clients, on the source. */
  readonly searches: Served;
  readonly writes: Served;
  /** Our own small searches of the source. They say how others fare where these are too few to tell. */
  readonly probes: Served;
}

export interface Signals {
  readonly turn: Turn;
  readonly pressure: NodePressure;
  /** Writes and searches that were turned away in this turn. */
  readonly rejected: number;
  /** Documents a second that were copied in this turn. */
  readonly copied: number;
  /** Requests of others may take so many times as long as they do when nothing is copied. */
  readonly maxSlowdown: number;
}

type Kind = 'searches' | 'writes' | 'probes';
const KINDS: readonly Kind[] = ['searches', 'writes', 'probes'];

export interface RateState {
  /** `free`: nobody is there to feel it. `measuring`: nothing is copied for a moment. `held`: as much as nobody feels. */
  readonly mode: 'free' | 'measuring' | 'held';
  /** Documents a second; infinite: nothing holds the copy back; 0: none. */
  readonly limit: number;
  /** With which copying goes on after a measurement. */
  readonly next: number;
  /** The last turns. */
  readonly recent: readonly Turn[];
  /** Turns since the mode began. */
  readonly turns: number;
  /** Turns in a row without a request of anybody else. */
  readonly quietTurns: number;
  /** Turns in a row at the lowest rate, and others are slow all the same. */
  readonly slowTurns: number;
  /** How long a request takes when nothing is copied; ms. */
  readonly usual: Readonly<Partial<Record<Kind, number>>>;
  /** Others were felt to be slower since copying began: the rate grows in small steps. */
  readonly felt: boolean;
  /** Why it is held back; empty when it is not. */
  readonly reason: string;
}

/** It is never slower by itself: a copy that never ends helps nobody. */
export const LEAST_PER_SECOND = 250;
/** Fewer requests of others, a second, are no traffic that somebody would feel: a health check, or a dashboard. */
const TRAFFIC_PER_SECOND = 2;
const RECENT_TURNS = 4;
/** Fewer requests do not tell how long one takes. */
const ENOUGH = 15;
/** Nobody feels a shorter difference, in ms, beside the network. */
const NOISE_MS = 0.5;
const LEAST_USUAL_MS = 0.2;
/** What is begun before a measurement is still being copied in its first turn. */
const SKIPPED_TURNS = 1;
const MEASURING_TURNS = { least: 3, most: 6 } as const;
/** So many turns with others, and it is measured again: what they ask for changes in the course of time. */
const HELD_TURNS = 60;
/** Others may come back at once. */
const QUIET_TURNS = 6;
const SLOW_TURNS = 8;
/** The rate aims at this part of the slowdown that is allowed, as it swings around its aim. */
const AIM = 0.5;
const LOWEST_GRADIENT = 0.5;
/** A share of the present rate is added: while nothing was felt yet, and after that. */
const GROWTH = { unfelt: 0.35, felt: 0.06 } as const;
/** It begins with this share of what was copied without others, at least with so many. */
const FIRST = { share: 0.25, least: 2_000 } as const;
/** A copy that is held back stays below its rate by as much, now and then. */
const UNUSED = 1.1;

export const FREE_STATE: RateState = {
  mode: 'free',
  limit: Number.POSITIVE_INFINITY,
  next: FIRST.least,
  recent: [],
  turns: 0,
  quietTurns: 0,
  slowTurns: 0,
  usual: {},
  felt: false,
  reason: '',
};

/** @param signals undefined when they are stale: then nothing is copied */
export function decideRate(state: RateState, signals: Signals | undefined): RateState {
  if (!signals) return { ...state, limit: 0, reason: 'the cluster does not say how it fares' };
  const now = seen(state, signals.turn);
  const [factor, hurt] = worstOf(signals) ?? [];
  // nothing is copied in a measurement, so it is not what hurts
  if (now.mode === 'measuring') return measured(now, signals);
  if (now.mode === 'free' && hasTraffic(now.recent)) return measuring(now, firstRate(signals.copied));
  if (factor !== undefined && hurt !== undefined) return { ...lowered(now, signals, factor), reason: hurt };
  if (now.mode === 'free') return freed(now, signals);
  if (now.quietTurns >= QUIET_TURNS)
    return { ...now, mode: 'free', turns: 0, limit: Infinity, felt: false, reason: '' };
  if (now.turns >= HELD_TURNS || now.slowTurns >= SLOW_TURNS) return measuring(now, now.limit);
  return held(now, signals);
}

/** Others are too few to tell how they are served. */
export function wantsProbes({ mode, recent }: RateState): boolean {
  return mode !== 'free' && sumOf(recent, 'searches').count < ENOUGH;
}

function seen(state: RateState, turn: Turn): RateState {
  const isQuiet = turn.searches.count + turn.writes.count === 0;
  return {
    ...state,
    limit: state.limit === 0 && state.mode !== 'measuring' ? LEAST_PER_SECOND : state.limit,
    recent: [...state.recent, turn].slice(state.mode === 'measuring' ? 0 : -RECENT_TURNS),
    turns: state.turns + 1,
    quietTurns: isQuiet ? state.quietTurns + 1 : 0,
  };
}

function measuring(state: RateState, next: number): RateState {
  return {
    ...state,
    mode: 'measuring',
    limit: 0,
    next,
    recent: [],
    turns: 0,
    slowTurns: 0,
    reason: 'it is measured how long requests of others take when nothing is copied',
  };
}

/** The end of a measurement, once enough is known. */
function measured(state: RateState, { turn }: Signals): RateState {
  const counted = state.recent.slice(SKIPPED_TURNS);
  const known = KINDS.filter((kind) => sumOf(counted, kind).count >= ENOUGH);
  if (state.turns < MEASURING_TURNS.least) return state;
  if (known.length === 0 && state.turns < MEASURING_TURNS.most) return state;
  // what one measurement has met by chance counts half
  const usual = Object.fromEntries(
    known.map((kind) => {
      const ms = meanOf(sumOf(counted, kind));
      return [kind, (ms + (state.usual[kind] ?? ms)) / 2];
    }),
  );
  return {
    ...state,
    mode: 'held',
    limit: state.next,
    recent: [turn],
    turns: 0,
    usual: { ...state.usual, ...usual },
    reason: 'to see what the cluster bears',
  };
}

function held(state: RateState, signals: Signals): RateState {
  const { limit } = state;
  const aim = 1 + (signals.maxSlowdown - 1) * AIM;
  const worst = slowest(state);
  if (!worst) return state;
  const { kind, ms, usual } = worst;
  const slowdown = (ms - NOISE_MS) / usual;
  if (slowdown <= aim) {
    const growth = state.felt ? GROWTH.felt : GROWTH.unfelt;
    return { ...state, limit: limit * (1 + growth), slowTurns: 0 };
  }
  const { limit: lower } = lowered(state, signals, Math.max(LOWEST_GRADIENT, aim / slowdown));
  return {
    ...state,
    limit: lower,
    felt: true,
    slowTurns: limit <= LEAST_PER_SECOND ? state.slowTurns + 1 : 0,
    reason: `${NAMES[kind]} take ${ms.toFixed(1)} ms, ${usual.toFixed(1)} ms when nothing is copied`,
  };
}

const NAMES: Readonly<Record<Kind, string>> = {
  searches: 'searches',
  writes: 'writes',
  probes: 'small searches of twindex',
};

/** The kind of request that is slowed down most. */
function slowest(
  state: RateState,
): { readonly kind: Kind; readonly ms: number; readonly usual: number } | undefined {
  return KINDS.flatMap((kind) => {
    const usual = state.usual[kind];
    // the last turns tell first, where they have seen enough
    const served = [2, RECENT_TURNS]
      .map((turns) => sumOf(state.recent.slice(-turns), kind))
      .find(({ count }) => count >= ENOUGH);
    return usual === undefined || !served
      ? []
      : [{ kind, ms: meanOf(served), usual: Math.max(usual, LEAST_USUAL_MS) }];
  }).sort((a, b) => b.ms / b.usual - a.ms / a.usual)[0];
}

/** What is not used of a rate need not be taken away. */
function lowered(state: RateState, { copied }: Signals, factor: number): RateState {
  const from = Math.min(state.limit, Math.max(copied * UNUSED, LEAST_PER_SECOND / factor));
  return { ...state, limit: Math.max(LEAST_PER_SECOND, from * factor) };
}

/** Nobody is there: what the cluster could not take a moment ago it may take now. */
function freed(state: RateState, { copied }: Signals): RateState {
  const { limit } = state;
  const isUnused = limit > 3 * Math.max(copied, 5 * LEAST_PER_SECOND);
  if (!Number.isFinite(limit) || isUnused) return { ...state, limit: Infinity, reason: '' };
  return { ...state, limit: limit * (1 + GROWTH.unfelt) };
}

const firstRate = (copied: number): number => Math.max(FIRST.least, copied * FIRST.share);

/** @returns what the rate is multiplied with, and why; of several the worst */
function worstOf({ pressure, rejected }: Signals): readonly [number, string] | undefined {
  const { heapPercent, indexing, writeQueue, searchQueue } = pressure;
  const hurts: (readonly [number, string] | undefined)[] = [
    rejected > 0 ? [0.5, `${rejected} requests were turned away`] : undefined,
    heapPercent > 92 ? [0.6, `a heap is ${heapPercent} % full`] : undefined,
    indexing > 0.7 ? [0.6, `indexing holds ${Math.round(indexing * 100)} % of its memory`] : undefined,
    writeQueue > 100 ? [0.7, `${writeQueue} writes wait for a thread`] : undefined,
    searchQueue > 20 ? [0.7, `${searchQueue} searches wait for a thread`] : undefined,
  ];
  return hurts.filter((hurt) => hurt !== undefined).sort(([a], [b]) => a - b)[0];
}

function hasTraffic(recent: readonly Turn[]): boolean {
  const seconds = recent.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1_000;
  const requests = sumOf(recent, 'searches').count + sumOf(recent, 'writes').count;
  // what is seen in a first, short turn is no rate yet
  return requests >= TRAFFIC_PER_SECOND * Math.max(seconds, 1);
}

function sumOf(turns: readonly Turn[], kind: Kind): Served {
  return {
    count: turns.reduce((sum, turn) => sum + turn[kind].count, 0),
    ms: turns.reduce((sum, turn) => sum + turn[kind].ms, 0),
  };
}

const meanOf = ({ count, ms }: Served): number => ms / count;
