// Looks all the time how the engine fares while documents are copied, and says how many may be. It holds back only the
// back-fill: what is mirrored and followed goes on.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { nodePressure } from '../cluster/operations/nodePressure.js';
import { probeSearch } from '../cluster/operations/probeSearch.js';
import type { ThrottleWish } from '../journal/record.js';
import { decideRate, firstState, type RateState, type Signals } from './decideRate.js';

const TURN_MS = 1_000;
const PROBE_EVERY_MS = 60;
/** Latencies of so many searches are looked at. */
const PROBES = 40;
const FIRST_PROBES = 25;
/** Older signals tell nothing. */
const STALE_MS = 5_000;
/** A copy of fewer documents is over before anybody feels it. */
const WORTH_DOCUMENTS = 20_000;

export class Throttle {
  readonly #cluster: Cluster;
  readonly #index: string;
  readonly #wished: () => ThrottleWish;
  readonly #stopping = new AbortController();
  #state: RateState | undefined;
  #probes: number[] = [];
  #copied = 0;
  #seenAt = 0;
  #looking: Promise<void> | undefined;

  /** @param wished what a user asked for last */
  constructor(cluster: Cluster, index: string, wished: () => ThrottleWish) {
    this.#cluster = cluster;
    this.#index = index;
    this.#wished = wished;
  }

  /** Measures what is usual, then looks on until it is stopped. To be called before anything is copied. */
  async start(documents: number): Promise<void> {
    if (this.#looking || documents < WORTH_DOCUMENTS || !this.#wished().auto) return;
    await this.#probe(FIRST_PROBES, 20);
    this.#state = firstState(this.#probes);
    this.#seenAt = performance.now();
    this.#looking = Promise.all([this.#probeOn(), this.#turnOn()]).then(
      () => undefined,
      () => undefined,
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
    this.#state = undefined;
  }

  noteCopied(documents: number): void {
    this.#copied += documents;
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
    return why?.reason ? `${said}: ${why.reason}` : said;
  }

  get #isStale(): boolean {
    return performance.now() - this.#seenAt > STALE_MS;
  }

  #stateOf(): RateState {
    return this.#state ?? firstState([]);
  }

  async #probe(count: number, everyMs: number): Promise<void> {
    const { signal } = this.#stopping;
    for (let n = 0; n < count; n++) {
      this.#probes.push(await probeSearch(this.#cluster, this.#index, signal));
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

  async #turnOn(): Promise<void> {
    const { signal } = this.#stopping;
    let rejectedBefore: number | undefined;
    let last = performance.now();
    while (!signal.aborted) {
      await sleep(TURN_MS, undefined, { signal });
      const pressure = await nodePressure(this.#cluster, signal).catch(() => undefined);
      const at = performance.now();
      const copied = (this.#copied * 1_000) / (at - last);
      this.#copied = 0;
      last = at;
      if (!pressure || this.#probes.length === 0) continue;
      const rejected = Math.max(0, pressure.rejected - (rejectedBefore ?? pressure.rejected));
      rejectedBefore = pressure.rejected;
      const signals: Signals = { probes: this.#probes, pressure, rejected, copied };
      this.#state = decideRate(this.#stateOf(), signals);
      // what was slow before the rate was changed says nothing of the new one
      this.#probes = this.#probes.slice(-Math.ceil(PROBES / 2));
      this.#seenAt = at;
    }
  }
}
