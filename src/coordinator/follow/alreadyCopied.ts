// Finds the copies that gateways and client libraries have already made. It compares the leader's operations
// with the stamps that a search of the follower returns, and reads no document (docs/protocol.md, "Follow").
import { refresh } from '../../cluster/indices/refresh.js';
import { shardStats } from '../../cluster/indices/shardStats.js';
import { type Replication, keepsShards } from '../../protocol/replication.js';
import type { Hit } from '../../documents/hits.js';
import { PageReader } from '../../documents/pageReader.js';
import { operationNumber, operationOf } from '../../protocol/stamp.js';

/** Limits memory. Above this number of stamps, following copies every document, as if there were no copies. */
const MAX_STAMPS = 200_000;

export class CopiesSeen {
  readonly #replication: Replication;
  readonly #readers: Readonly<Record<'leader' | 'follower', PageReader>>;
  /** By shard of the follower: copies of the operations that the next round follows are above this `_seq_no`. */
  #from: readonly number[] | undefined;
  #next: readonly number[] | undefined;

  private constructor(replication: Replication) {
    this.#replication = replication;
    this.#readers = {
      leader: new PageReader(replication.leader.cluster, 'stamps'),
      follower: new PageReader(replication.follower.cluster, 'stamps'),
    };
  }

  /** @returns undefined if a copy may be in a shard of another number: a stamp is unique only within a shard */
  static of(replication: Replication): CopiesSeen | undefined {
    return keepsShards(replication) ? new CopiesSeen(replication) : undefined;
  }

  /**
   * Called before a round reads its upper bound. The next round follows the operations above this bound.
   * The copies of these operations are made after this call, so they are above the `_seq_no` that it reads.
   */
  async begin(): Promise<void> {
    const { follower } = this.#replication;
    this.#next = (await shardStats(follower.cluster, follower.index, follower.shards)).map(
      ({ maxSeqNo }) => maxSeqNo,
    );
  }

  /** Called when a round has caught up and is confirmed. */
  end(): void {
    this.#from = this.#next;
  }

  async refresh(): Promise<void> {
    const { follower } = this.#replication;
    if (this.#from) await refresh(follower.cluster, follower.index);
  }

  /** @returns `_seq_no` of operations that have no copy on the follower, ascending; undefined if unknown */
  async missing(shard: number, after: number, upTo: number): Promise<number[] | undefined> {
    const { epoch } = this.#replication;
    const from = this.#from?.[shard];
    if (from === undefined || upTo - after > MAX_STAMPS) return undefined;
    const there = new Set<number>();
    const complete = await this.#each('follower', shard, from, undefined, ({ version }) => {
      const operation = version === undefined ? undefined : operationOf(version, epoch);
      if (operation !== undefined) there.add(operation);
    });
    if (!complete) return undefined;
    const missing: number[] = [];
    await this.#each('leader', shard, after, upTo, ({ term, seqNo }) => {
      if (!there.has(operationNumber(term, seqNo))) missing.push(seqNo);
    });
    return missing;
  }

  /** @returns false when there are too many documents */
  async #each(
    which: 'leader' | 'follower',
    shard: number,
    after: number,
    upTo: number | undefined,
    look: (hit: Hit) => void,
  ): Promise<boolean> {
    const { index } = this.#replication[which];
    let seen = 0;
    for (let cursor = after; ; ) {
      const { hits, last } = await this.#readers[which].read(index, shard, cursor, upTo);
      for (const hit of hits) look(hit);
      const lastHit = hits.at(-1);
      if (last || !lastHit) return true;
      seen += hits.length;
      if (seen > MAX_STAMPS) return false;
      cursor = lastHit.seqNo;
    }
  }
}
