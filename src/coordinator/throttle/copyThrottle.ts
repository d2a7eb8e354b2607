// Measures how fast the cluster serves other clients during the back-fill, and sets the rate of the copy.
// Mirrored writes and following are not throttled.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../cluster/cluster.js';
import type { IndexRef } from '../../cluster/indexRef.js';
import { type NodePressure, nodePressure } from '../../cluster/nodes/nodePressure.js';
import { writeQueues } from '../../cluster/nodes/writeQueues.js';
import { probeSearch } from '../../cluster/documents/probeSearch.js';
import { type Served, type Traffic, trafficOf } from '../../cluster/indices/trafficOf.js';
import type { CopyLimit, ThrottleCommand } from '../../protocol/record.js';
import { once } from '../../once.js';
import { decideRate, FREE_STATE, type RateState, wantsProbes, wantsQueues } from './decideRate.js';
import { QueueWaits, type Waits } from './queueWaits.js';

const TURN_MS = 500;
/** The pause after a measurement is this many times as long as the measurement, so that it costs little. */
const REST_FACTOR = 10;
const MOST_REST_MS = 1_000;
const PROBE_EVERY_MS = 60;
const SAMPLE_EVERY_MS = 60;
const STALE_MS = 5_000;
/** With fewer documents, the copy ends before it slows down anybody. */
const WORTH_DOCUMENTS = 20_000;
const NONE: Served = { count: 0, ms: 0 };

export class Throttle {
  readonly #source: IndexRef;
  readonly #clusters: ReadonlySet<Cluster>;
  readonly #wanted: () => ThrottleCommand;
  readonly #stopping = new AbortController();
  #state: RateState | undefined;
  #probes = NONE;
  readonly #waits = new QueueWaits();
  #shards = 1;
  #probedShard = 0;
  #copied = 0;
  #seenAt = 0;
  #looking: Promise<void> | undefined;

  /**
   * @param source the index whose searches and writes must not become noticeably slower
   * @param written the other clusters that the copy writes to
   */
  constructor(source: IndexRef, written: readonly Cluster[], wanted: () => ThrottleCommand) {
    this.#source = source;
    this.#clusters = new Set([source.cluster, ...written]);
    this.#wanted = wanted;
  }

  /** Waits for the first measurement, and measures from then on until `stop`. */
  async start(documents: number, shards: number): Promise<void> {
    if (documents < WORTH_DOCUMENTS || !this.#wanted().auto) return;
    this.#shards = shards;
    await this.#started();
  }

  readonly #started = once(async () => {
    let hasBegun: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (hasBegun = resolve));
    this.#state = FREE_STATE;
    this.#seenAt = performance.now();
    this.#looking = Promise.all([this.#probeOn(), this.#sampleOn(), this.#turnOn(hasBegun)]).then(
      () => undefined,
      () => undefined,
    );
    // The timer must not keep a finished process alive.
    await Promise.race([begun, this.#looking, sleep(STALE_MS, undefined, { ref: false })]);
  });

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
    this.#state = undefined;
  }

  /** @param documents negative (and ignored) if documents are copied again: the first copy was load, too */
  noteCopied(documents: number): void {
    this.#copied += Math.max(0, documents);
  }

  /** The limit for the copy. `Infinity` means as fast as possible. */
  get docsPerSecond(): number {
    const { paused, maxDocsPerSecond, auto } = this.#wanted();
    if (paused) return 0;
    const most = maxDocsPerSecond ?? Number.POSITIVE_INFINITY;
    if (!auto || !this.#state) return most;
    return this.#isStale ? 0 : Math.min(most, this.#state.limit);
  }

  get reason(): string {
    const rate = this.docsPerSecond;
    const { cause, reason } = this.#why(rate);
    if (cause === 'none' || cause === 'paused') return reason;
    return `${Math.round(rate).toLocaleString('en')} documents/s at most: ${reason}`;
  }

  /** Like `reason`, for programs. */
  get limit(): CopyLimit {
    const rate = this.docsPerSecond;
    const { cause } = this.#why(rate);
    return { docsPerSecond: Number.isFinite(rate) ? Math.round(rate) : null, cause };
  }

  #why(rate: number): Pick<RateState, 'cause' | 'reason'> {
    const { paused, maxDocsPerSecond, auto } = this.#wanted();
    if (paused) return { cause: 'paused', reason: 'copying is paused (twindex throttle --resume)' };
    if (rate === Number.POSITIVE_INFINITY) return { cause: 'none', reason: '' };
    if (maxDocsPerSecond !== null && rate === maxDocsPerSecond)
      return { cause: 'maxDocs', reason: 'set by --max-docs' };
    const state = this.#state ?? FREE_STATE;
    return auto && this.#isStale ? decideRate(state, undefined) : state;
  }

  get #isStale(): boolean {
    return performance.now() - this.#seenAt > STALE_MS;
  }

  async #probeOn(): Promise<void> {
    const { signal } = this.#stopping;
    const { cluster, index } = this.#source;
    while (!signal.aborted) {
      await sleep(PROBE_EVERY_MS, undefined, { signal });
      if (!this.#state || !wantsProbes(this.#state)) continue;
      const shard = this.#probedShard++ % this.#shards;
      // A failed probe does not count as a measurement.
      const ms = await probeSearch(cluster, { index, shard }, signal).catch(() => sleep(TURN_MS));
      if (ms !== undefined) this.#probes = { count: this.#probes.count + 1, ms: this.#probes.ms + ms };
    }
  }

  /** Samples the queue of writes while other clients write. A wait is much shorter than a turn. */
  async #sampleOn(): Promise<void> {
    const { signal } = this.#stopping;
    let tookMs = 0;
    while (!signal.aborted) {
      await sleep(restMs(SAMPLE_EVERY_MS, tookMs), undefined, { signal });
      if (!this.#state || !wantsQueues(this.#state)) continue;
      const asked = performance.now();
      const queues = await writeQueues(this.#source.cluster, signal).catch(() => undefined);
      const at = performance.now();
      tookMs = at - asked;
      if (queues) this.#waits.add(queues, at);
    }
  }

  async #pressure(signal: AbortSignal): Promise<NodePressure> {
    const all = await Promise.all([...this.#clusters].map((cluster) => nodePressure(cluster, signal)));
    const most = (of: (pressure: NodePressure) => number): number => Math.max(...all.map(of));
    return {
      heapPercent: most(({ heapPercent }) => heapPercent),
      indexing: most(({ indexing }) => indexing),
      writeQueue: most(({ writeQueue }) => writeQueue),
      searchQueue: most(({ searchQueue }) => searchQueue),
      rejected: all.reduce((sum, { rejected }) => sum + rejected, 0),
    };
  }

  /** @param hasBegun called when the rate is known: after measuring, or at once without other clients */
  async #turnOn(hasBegun: () => void): Promise<void> {
    const { signal } = this.#stopping;
    const { cluster, index } = this.#source;
    const look = async () =>
      await Promise.all([trafficOf(cluster, index, signal), this.#pressure(signal)]).catch(() => undefined);
    let before = await look();
    let last = performance.now();
    let tookMs = 0;
    while (!signal.aborted) {
      await sleep(restMs(TURN_MS, tookMs), undefined, { signal });
      const asked = performance.now();
      const seen = await look();
      const at = performance.now();
      tookMs = at - asked;
      if (!seen) continue;
      const [traffic, pressure] = seen;
      const [trafficBefore, pressureBefore] = before ?? seen;
      before = seen;
      this.#state = decideRate(this.#state ?? FREE_STATE, {
        turn: {
          tookMs: at - last,
          ...withWaits(since(trafficBefore, traffic), this.#waits.take()),
          probes: this.#probes,
        },
        pressure,
        rejected: Math.max(0, pressure.rejected - pressureBefore.rejected),
        copied: (this.#copied * 1_000) / (at - last),
        maxSlowdown: this.#wanted().maxSlowdown,
      });
      this.#copied = 0;
      this.#probes = NONE;
      this.#seenAt = last = at;
      if (this.#state.mode !== 'measuring') hasBegun();
    }
  }
}

/** The pause before the next measurement. */
const restMs = (least: number, tookMs: number): number =>
  Math.min(MOST_REST_MS, Math.max(least, REST_FACTOR * tookMs));

/** Ignores counters that were reset in this turn. */
function since(before: Traffic, now: Traffic): Traffic {
  const change = (kind: keyof Traffic): Served => {
    const count = now[kind].count - before[kind].count;
    return count < 0 ? NONE : { count, ms: Math.max(0, now[kind].ms - before[kind].ms) };
  };
  return { searches: change('searches'), writes: change('writes') };
}

/**
 * Adds the time that requests waited for a thread. The engine's counters begin after it, and count documents: all
 * documents of a bulk request wait together, once.
 */
function withWaits({ searches, writes: { count, ms } }: Traffic, waits: Waits): Traffic {
  return { searches, writes: { count, ms: ms + Math.min(count, waits.requests) * waits.ms } };
}
