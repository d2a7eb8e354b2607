// Confirm: a round counts only if no fail-over can undo its operations (docs/protocol.md, "Confirm").
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { flush } from '../cluster/indices/flush.js';
import { primaryTerms } from '../cluster/indices/primaryTerms.js';
import { type ShardStats, shardStats } from '../cluster/indices/shardStats.js';

const POLL_MS = 20;
/**
 * When to flush: with `index.translog.durability: async`, the checkpoint moves only when the translog is
 * synced, which a flush does.
 */
const FLUSH_AFTER_MS = 150;
const MAX_WAIT_MS = 10_000;

export interface Observed {
  readonly index: string;
  readonly shards: number;
}

/** Watches one index from the beginning of a round to its end. */
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
   * Reads `max_seq_no` of every shard, waits until the global checkpoint has reached it, and checks that no
   * primary term has changed since the beginning.
   * @returns the statistics of the shards; undefined when the round has to be repeated
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
