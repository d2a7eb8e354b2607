// Looks all the time how the engine fares while documents are copied, and says how many may be. It holds back only the
// back-fill: what is mirrored and followed goes on.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import type { Located } from '../cluster/located.js';
import { type NodePressure, nodePressure } from '../cluster/operations/nodePressure.js';
import { probeSearch } from '../cluster/operations/probeSearch.js';
import type { ThrottleWish } from '../journal/record.js';
import { once } from '../once.js';
import { decideRate, firstState, type RateState, type Signals } from './decideRate.js';

const TURN_MS = 1_000;
const PROBE_EVERY_MS = 100;
/** Latencies of so many searches are looked at. */
const PROBES = 30;
/** The first ones are slower than usual, here and in the engine: they are not looked at. */
const FIRST_PROBES = { warmUp: 30, usual: 20 } as const;
/** Older signals tell nothing. */
const STALE_MS = 5_000;
/** A copy of fewer documents is over before anybody feels it. */
const WORTH_DOCUMENTS = 20_000;

export class Throttle {
  readonly #probed: Located;
  readonly #clusters: ReadonlySet<Cluster>;
  readonly #wished: () => ThrottleWish;
  readonly #stopping = new AbortController();
  #state: RateState | undefined;
  #probes: number[] = [];
  #shards = 1;
  #turn = 0;
  #copied = 0;
  #seenAt = 0;
  #looking: Promise<void> | undefined;

  /**
   * @param probed the index whose searches must not be felt
   * @param written clusters that are written to, besides the one of that index
   * @param wished what a user asked for last
   */
  constructor(probed: Located, written: readonly Cluster[], wished: () => ThrottleWish) {
    this.#probed = probed;
    this.#clusters = new Set([probed.cluster, ...written]);
    this.#wished = wished;
  }

  /** Measures what is usual, then looks on until it is stopped. To be called before anything is copied. */
  async start(documents: number, shards: number): Promise<void> {
    if (documents < WORTH_DOCUMENTS || !this.#wished().auto) return;
    this.#shards = shards;
    await this.#started();
  }

  readonly #started = once(async () => {
    await this.#probe(FIRST_PROBES.warmUp + FIRST_PROBES.usual, 20);
    this.#probes = this.#probes.slice(-FIRST_PROBES.usual);
    this.#state = firstState(this.#probes);
    this.#seenAt = performance.now();
    this.#looking = Promise.all([this.#probeOn(), this.#turnOn()]).then(
      () => undefined,
      () => undefined,
    );
  });

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
    this.#state = undefined;
  }

  /** @param documents negative: they have to be copied again, and were copied all the same */
  noteCopied(documents: number): void {
    this.#copied += Math.max(0, documents);
  }

  /** Infinite: as fast as it goes; 0: none. */
  get docsPerSecond(): number {
    const { paused, maxDocsPerSecond, auto } = this.#wished();
    if (paused) return 0;
    const most = maxDocsPerSecond ?? Number.POSITIVE_INFINITY;
    if (!auto || !this.#state) return most;
    return this.#isStale ? 0 : Math.min(most, this.#state.limit);
  }

  /** Why copying is held back; empty when it is not. */
  get reason(): string {
    const { paused, maxDocsPerSecond, auto } = this.#wished();
    if (paused) return 'copying is paused (twindex throttle --resume)';
    const rate = this.docsPerSecond;
    if (rate === Number.POSITIVE_INFINITY) return '';
    const said = `${Math.round(rate).toLocaleString('en')} documents/s at most`;
    if (maxDocsPerSecond !== null && rate === maxDocsPerSecond) return `${said}: asked for with --max-docs`;
    const why = auto && this.#isStale ? decideRate(this.#stateOf(), undefined) : this.#state;
    return `${said}: ${why?.reason || 'to see what the cluster bears'}`;
  }

  get #isStale(): boolean {
    return performance.now() - this.#seenAt > STALE_MS;
  }

  #stateOf(): RateState {
    return this.#state ?? firstState([]);
  }

  async #probe(count: number, everyMs: number): Promise<void> {
    const { signal } = this.#stopping;
    const { cluster, index } = this.#probed;
    for (let n = 0; n < count; n++) {
      const shard = this.#turn++ % this.#shards;
      this.#probes.push(await probeSearch(cluster, { index, shard }, signal));
      if (this.#probes.length > PROBES) this.#probes.shift();
      await sleep(everyMs, undefined, { signal });
    }
  }

  async #probeOn(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      // one that fails is no signal; they become stale
      await this.#probe(1, PROBE_EVERY_MS).catch(() => sleep(TURN_MS));
    }
  }

  /** Of the cluster that is under more of it. */
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

  async #turnOn(): Promise<void> {
    const { signal } = this.#stopping;
    let rejectedBefore: number | undefined;
    let last = performance.now();
    while (!signal.aborted) {
      await sleep(TURN_MS, undefined, { signal });
      const pressure = await this.#pressure(signal).catch(() => undefined);
      const at = performance.now();
      const copied = (this.#copied * 1_000) / (at - last);
      this.#copied = 0;
      last = at;
      if (!pressure) continue;
      const rejected = Math.max(0, pressure.rejected - (rejectedBefore ?? pressure.rejected));
      rejectedBefore = pressure.rejected;
      const signals: Signals = { probes: this.#probes, pressure, rejected, copied };
      const before = this.#stateOf();
      this.#state = decideRate(before, signals);
      // what was slow before it was held back says nothing of the new rate
      if (this.#state.limit < before.limit) this.#probes = [];
      this.#seenAt = at;
    }
  }
}
