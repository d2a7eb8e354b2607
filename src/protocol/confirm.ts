// Checks that no fail-over can undo what was read or written in an index (docs/protocol.md, "Confirm").
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { flush } from '../cluster/indices/flush.js';
import { primaryTerms } from '../cluster/indices/primaryTerms.js';
import { type ShardStats, shardStats } from '../cluster/indices/shardStats.js';

const POLL_MS = 20;
/**
 * After this wait the index is flushed once. With `index.translog.durability: async`, the global checkpoint
 * advances only after a sync, which a flush causes.
 */
const FLUSH_AFTER_MS = 150;
const MAX_WAIT_MS = 10_000;

export interface Observed {
  readonly index: string;
  readonly shards: number;
}

/** Call `begin` before operations are read or written, and `confirm` afterwards. */
export class Confirmation {
  readonly #cluster: Cluster;
  readonly #observed: Observed;
  readonly terms: readonly number[];

  private constructor(cluster: Cluster, observed: Observed, terms: readonly number[]) {
    this.#cluster = cluster;
    this.#observed = observed;
    this.terms = terms;
  }

  static async begin(cluster: Cluster, observed: Observed): Promise<Confirmation> {
    return new Confirmation(cluster, observed, await primaryTerms(cluster, observed.index));
  }

  stats(): Promise<ShardStats[]> {
    return shardStats(this.#cluster, this.#observed.index, this.#observed.shards);
  }

  /**
   * Waits until the global checkpoint of each shard has reached the shard's present `max_seq_no`, and checks
   * that no primary term has changed since `begin`.
   * @returns the statistics that were read before the wait; undefined if the operations must be repeated
   */
  async confirm(): Promise<ShardStats[] | undefined> {
    const seen = await this.stats();
    const began = performance.now();
    let flushed = false;
    for (let now = seen; !reached(now, seen); now = await this.stats()) {
      const waitedMs = performance.now() - began;
      if (waitedMs > MAX_WAIT_MS) return undefined;
      if (waitedMs > FLUSH_AFTER_MS && !flushed) {
        flushed = true;
        await flush(this.#cluster, this.#observed.index);
      }
      await sleep(POLL_MS);
    }
    return (await this.sameTerms()) ? seen : undefined;
  }

  async sameTerms(): Promise<boolean> {
    const now = await primaryTerms(this.#cluster, this.#observed.index);
    return now.length === this.terms.length && now.every((term, shard) => term === this.terms[shard]);
  }
}

function reached(now: readonly ShardStats[], seen: readonly ShardStats[]): boolean {
  return seen.every((shard, n) => (now[n]?.globalCheckpoint ?? -2) >= shard.maxSeqNo);
}
