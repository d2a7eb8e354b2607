// Finds out which copies gateways and client libraries have already made: compares the stamps that a search of the follower shows
// with the operations of the leader, without reading a document (docs/protocol.md, "Follow").
import { refresh } from '../../cluster/indices/refresh.js';
import { shardStats } from '../../cluster/indices/shardStats.js';
import { type Replication, keepsShards } from '../../protocol/replication.js';
import type { Hit } from '../../documents/hits.js';
import { PageReader } from '../../documents/pageReader.js';
import { operationNumber, operationOf } from '../../protocol/stamp.js';

/** More stamps are not kept in memory. Then documents are followed as if no copy had been seen. */
const MAX_STAMPS = 200_000;

export class CopiesSeen {
  readonly #replication: Replication;
  readonly #readers: Readonly<Record<'leader' | 'follower', PageReader>>;
  /** By shard of the follower: copies of the next operations have a higher `_seq_no` than this. */
  #from: readonly number[] | undefined;
  #next: readonly number[] | undefined;

  private constructor(replication: Replication) {
    this.#replication = replication;
    this.#readers = {
      leader: new PageReader(replication.leader.cluster, 'stamps'),
      follower: new PageReader(replication.follower.cluster, 'stamps'),
    };
  }

  /**
   * A stamp is unique only within a shard of the leader.
   * @returns undefined when the documents of one shard may be in several shards of the follower
   */
  static of(replication: Replication): CopiesSeen | undefined {
    return keepsShards(replication) ? new CopiesSeen(replication) : undefined;
  }

  /**
   * Called before a round reads its upper bound. Copies of the operations that the next round follows are above the numbers that
   * this reads.
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

  /**
   * The `_seq_no` of the leader's live documents in `(after, upTo]` that the follower does not show, ascending.
   * @returns undefined when this is not known, so that any of them may be missing
   */
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

  /** @returns false when there are too many */
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
