// Decides how many documents per second may be copied. Without other clients of the source there is no limit;
// otherwise they should hardly notice the copy. The copy first pauses, to measure their usual response times.
// Then each turn lowers the rate in proportion to the slowdown, or raises it slowly, as TCP Vegas does. Pure.
import type { NodePressure } from '../../cluster/nodes/nodePressure.js';
import type { Served } from '../../cluster/indices/trafficOf.js';
import type { LimitCause } from '../../protocol/record.js';

/** The measurements of one turn, about half a second. */
interface Turn {
  readonly tookMs: number;
  /** Requests of other clients to the source. */
  readonly searches: Served;
  readonly writes: Served;
  /** Small searches that twindex sends itself, if other clients send too few requests to measure. */
  readonly probes: Served;
}

export interface Signals {
  readonly turn: Turn;
  readonly pressure: NodePressure;
  /** How many requests the cluster rejected in this turn. */
  readonly rejected: number;
  readonly copied: number;
  /** The largest acceptable slowdown of other clients' requests, as a factor of their time without a copy. */
  readonly maxSlowdown: number;
}

type Kind = 'searches' | 'writes' | 'probes';
const KINDS: readonly Kind[] = ['searches', 'writes', 'probes'];

export interface RateState {
  /** `free`: there are no other clients. `measuring`: the copy pauses. `held`: the rate is limited. */
  readonly mode: 'free' | 'measuring' | 'held';
  /** Documents per second; `Infinity` means no limit. */
  readonly limit: number;
  /** The limit after the measurement, in documents per second. */
  readonly next: number;
  readonly recent: readonly Turn[];
  readonly turns: number;
  /** How many turns in a row had no requests of other clients. */
  readonly quietTurns: number;
  /** How many turns in a row other clients were slow, although the rate was at its minimum. */
  readonly slowTurns: number;
  /** How long a request takes while nothing is copied, in ms. */
  readonly usual: Readonly<Partial<Record<Kind, number>>>;
  /** Whether the copy has slowed down other clients since the last `free`. If so, the rate grows slowly. */
  readonly felt: boolean;
  /** Why the copy is throttled; empty when it is not. */
  readonly reason: string;
  readonly cause: LimitCause;
}

// The constants below were found by trials on loaded clusters. A turn takes about half a second.

/** Floor for the automatic rate, so that a throttled copy still finishes. */
export const LEAST_PER_SECOND = 250;

/** Fewer requests a second (a health check, a dashboard) do not count as traffic. */
const TRAFFIC_PER_SECOND = 2;
/** With fewer requests, the mean response time varies too much. Then several turns are taken together. */
const ENOUGH_REQUESTS = 15;
const RECENT_TURNS = 4;
/** Smaller differences of response times come from the network. */
const NOISE_MS = 0.5;
/** Shorter times can't be measured exactly, so they count as this time. */
const LEAST_USUAL_MS = 0.2;
/** What a client waits for besides the time that the engine counts: above all, a write is synced to disk. */
const UNCOUNTED_MS: Readonly<Record<Kind, number>> = { searches: 0, writes: 1, probes: 0 };

/** The first turn of a measurement does not count, since earlier windows are still being copied. */
const SKIPPED_TURNS = 1;
/** A measurement ends after `least` turns, or after `most` if there were too few requests until then. */
const MEASURING_TURNS = { least: 3, most: 6 } as const;
/** After this many turns the measurement is repeated, since the requests of other clients change over time. */
const HELD_TURNS = 60;
/** After this many slow turns the measurement is repeated early: perhaps the copy is not the cause. */
const SLOW_TURNS = 8;
/** After this many turns without requests of other clients, the limit is removed. */
const QUIET_TURNS = 6;

/** The rate aims at this share of the allowed slowdown, because the slowdown oscillates. */
const AIM = 0.5;
const LOWEST_GRADIENT = 0.5;
/** How fast the rate grows: slowly after it has slowed down other clients (`felt`), as it is near the best. */
const GROWTH = { unfelt: 0.35, felt: 0.06 } as const;
/** The first limit: this share of the unlimited rate, but at least `least`. */
const FIRST = { share: 0.25, least: 2_000 } as const;
/** A throttled copy stays a little below its limit, by up to this factor. */
const UNUSED = 1.1;
/** A limit this many times above the rate that is really used does not grow. */
const MOST_UNUSED = 3;

/** Signs of overload, the worst first. They lower the rate at once, whatever the response times are. */
const PRESSURES: readonly {
  readonly factor: number;
  readonly above: number;
  readonly of: (signals: Signals) => number;
  readonly cause: LimitCause;
  readonly reason: (value: number) => string;
}[] = [
  {
    factor: 0.5,
    above: 0,
    of: (s) => s.rejected,
    cause: 'turnedAway',
    reason: (n) => `the cluster rejected ${n} requests`,
  },
  {
    factor: 0.6,
    above: 92,
    of: (s) => s.pressure.heapPercent,
    cause: 'heap',
    reason: (n) => `a heap is ${n} % full`,
  },
  {
    factor: 0.6,
    above: 0.7,
    of: (s) => s.pressure.indexing,
    cause: 'indexingMemory',
    reason: (n) => `indexing uses ${Math.round(n * 100)} % of its memory`,
  },
  {
    factor: 0.7,
    above: 100,
    of: (s) => s.pressure.writeQueue,
    cause: 'writeQueue',
    reason: (n) => `${n} writes wait for a thread`,
  },
  {
    factor: 0.7,
    above: 20,
    of: (s) => s.pressure.searchQueue,
    cause: 'searchQueue',
    reason: (n) => `${n} searches wait for a thread`,
  },
];

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
  cause: 'none',
};

/** @param signals undefined if they are too old. Then nothing is copied */
export function decideRate(state: RateState, signals: Signals | undefined): RateState {
  if (!signals)
    return { ...state, limit: 0, reason: 'the load of the cluster could not be read', cause: 'unknown' };
  const now = seen(state, signals.turn);
  const pressure = pressureOf(signals);
  // Ignore pressure during a measurement: nothing is copied then, so the copy can't be the cause.
  if (now.mode === 'measuring') return measured(now, signals);
  if (now.mode === 'free' && hasTraffic(now.recent)) return measuring(now, firstRate(signals.copied));
  if (pressure)
    return { ...lowered(now, signals, pressure.factor), reason: pressure.reason, cause: pressure.cause };
  if (now.mode === 'free') return freed(now, signals);
  if (now.quietTurns >= QUIET_TURNS)
    return { ...now, mode: 'free', turns: 0, limit: Infinity, felt: false, reason: '', cause: 'none' };
  if (now.turns >= HELD_TURNS || now.slowTurns >= SLOW_TURNS) return measuring(now, now.limit);
  return held(now, signals);
}

export function wantsProbes({ mode, recent }: RateState): boolean {
  return mode !== 'free' && sumOf(recent, 'searches').count < ENOUGH_REQUESTS;
}

export function wantsQueues({ mode, recent }: RateState): boolean {
  return mode !== 'free' && sumOf(recent, 'writes').count > 0;
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
    reason: 'measuring how long requests of other clients take while nothing is copied',
    cause: 'measuring',
  };
}

function measured(state: RateState, { turn }: Signals): RateState {
  const counted = state.recent.slice(SKIPPED_TURNS);
  const known = KINDS.filter((kind) => sumOf(counted, kind).count >= ENOUGH_REQUESTS);
  if (state.turns < MEASURING_TURNS.least) return state;
  if (known.length === 0 && state.turns < MEASURING_TURNS.most) return state;
  // Take the mean with the earlier value, since one measurement may be an outlier.
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
    reason: 'finding out how much load the cluster can take',
    cause: 'trying',
  };
}

function held(state: RateState, signals: Signals): RateState {
  const { limit } = state;
  const aim = 1 + (signals.maxSlowdown - 1) * AIM;
  const worst = slowest(state);
  if (!worst) return state;
  const { kind, ms, usual } = worst;
  const slowdown = slowdownOf(worst);
  if (slowdown <= aim) {
    const growth = state.felt ? GROWTH.felt : GROWTH.unfelt;
    // a limit far above the rate that is really used has no effect, so a higher one proves nothing
    const isUsed = limit < MOST_UNUSED * Math.max(signals.copied, FIRST.least);
    return { ...state, limit: isUsed ? limit * (1 + growth) : limit, slowTurns: 0 };
  }
  const { limit: lower } = lowered(state, signals, Math.max(LOWEST_GRADIENT, aim / slowdown));
  return {
    ...state,
    limit: lower,
    felt: true,
    slowTurns: limit <= LEAST_PER_SECOND ? state.slowTurns + 1 : 0,
    reason: `${NAMES[kind]} take ${ms.toFixed(1)} ms, ${usual.toFixed(1)} ms when nothing is copied`,
    cause: 'slowdown',
  };
}

const NAMES: Readonly<Record<Kind, string>> = {
  searches: 'searches',
  writes: 'writes',
  probes: 'small searches of twindex',
};

interface Slowest {
  readonly kind: Kind;
  readonly ms: number;
  readonly usual: number;
}

function slowest(state: RateState): Slowest | undefined {
  return KINDS.flatMap((kind) => {
    const usual = state.usual[kind];
    // Prefer the last two turns, if they contain enough requests.
    const served = [2, RECENT_TURNS]
      .map((turns) => sumOf(state.recent.slice(-turns), kind))
      .find(({ count }) => count >= ENOUGH_REQUESTS);
    return usual === undefined || !served
      ? []
      : [{ kind, ms: meanOf(served), usual: Math.max(usual, LEAST_USUAL_MS) }];
  }).sort((a, b) => slowdownOf(b) - slowdownOf(a))[0];
}

function slowdownOf({ kind, ms, usual }: Slowest): number {
  const uncounted = UNCOUNTED_MS[kind];
  return (ms - NOISE_MS + uncounted) / (usual + uncounted);
}

/** Lowers the limit, beginning at the rate that was really used: a limit above this rate has no effect. */
function lowered(state: RateState, { copied }: Signals, factor: number): RateState {
  const from = Math.min(state.limit, Math.max(copied * UNUSED, LEAST_PER_SECOND / factor));
  return { ...state, limit: Math.max(LEAST_PER_SECOND, from * factor) };
}

/** Without other clients, raises the limit, or removes it if the copy stays far below it. */
function freed(state: RateState, { copied }: Signals): RateState {
  const { limit } = state;
  const isUnused = limit > 3 * Math.max(copied, 5 * LEAST_PER_SECOND);
  if (!Number.isFinite(limit) || isUnused) return { ...state, limit: Infinity, reason: '', cause: 'none' };
  return { ...state, limit: limit * (1 + GROWTH.unfelt) };
}

const firstRate = (copied: number): number => Math.max(FIRST.least, copied * FIRST.share);

interface Pressure {
  readonly factor: number;
  readonly cause: LimitCause;
  readonly reason: string;
}

/** The worst sign of overload, if there is one. */
function pressureOf(signals: Signals): Pressure | undefined {
  for (const { factor, above, of, cause, reason } of PRESSURES)
    if (of(signals) > above) return { factor, cause, reason: reason(of(signals)) };
  return undefined;
}

function hasTraffic(recent: readonly Turn[]): boolean {
  const seconds = recent.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1_000;
  const requests = sumOf(recent, 'searches').count + sumOf(recent, 'writes').count;
  // The first turn is short, so no rate can be computed from it yet.
  return requests >= TRAFFIC_PER_SECOND * Math.max(seconds, 1);
}

function sumOf(turns: readonly Turn[], kind: Kind): Served {
  return {
    count: turns.reduce((sum, turn) => sum + turn[kind].count, 0),
    ms: turns.reduce((sum, turn) => sum + turn[kind].ms, 0),
  };
}

const meanOf = ({ count, ms }: Served): number => ms / count;
