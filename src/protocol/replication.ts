// From which index to which documents are followed, and in which shape they arrive.
import type { IndexRef } from '../cluster/indexRef.js';
import { type IndexRouting, indexRouting } from '../cluster/indices/indexRouting.js';
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import { primaryTerms } from '../cluster/indices/primaryTerms.js';
import { TwindexError } from '../errors.js';
import type { BulkIndex } from '../documents/bulkBody.js';
import { RoundedVectors } from './roundedVectors.js';
import { MAX_TERM } from './stamp.js';

export interface Replication {
  /** The index that writes go to first. Only ever read here. */
  readonly leader: IndexRouting & IndexRef;
  /** The index that is kept in step; written only through the feed. */
  readonly follower: IndexRouting & IndexRef;
  /** The alias on the follower that this coordinator's token has open. */
  readonly feed: string;
  readonly epoch: number;
  readonly reshape: Reshape;
  /** The other way round: what a document of the follower would be on the leader. */
  readonly reshapeBack: Reshape;
  /** `_seq_no` by shard of the leader up to which the indexes were equal when these roles began, without stamps. */
  readonly roleStart: readonly number[];
  /**
   * `_seq_no` by shard of the leader up to which `_reindex` may have brought a document, with its own `_version` and
   * no stamp.
   */
  readonly backfilled: readonly number[];
  /** Documents of the target may have come from the source of truth. */
  readonly sourceOfTruth?: SourceOfTruth | undefined;
  /** Of both indexes. */
  readonly vectors: Pick<RoundedVectors, 'explain'>;
  /** Counts, and what can't be counted again after a crash. */
  readonly tally: Tally;
}

/** How documents that came from the source of truth, and not from the leader, are known (docs/protocol.md). */
export interface SourceOfTruth {
  /** The target is the follower. */
  readonly isForward: boolean;
  /** What the target has below it has come from the source of truth, or was written while it was the leader. */
  readonly firstStamp: bigint;
  /** `_seq_no` by shard of the target up to which nothing was written while it was the leader; undefined: it never was. */
  readonly switchedAt: readonly number[] | undefined;
  /** What only the source has was left out. */
  readonly prune: boolean;
}

/** What a document of the leader becomes on the follower. */
export type Shaped =
  | { readonly type: 'index'; readonly source: BulkIndex['source'] }
  | { readonly type: 'drop' }
  | { readonly type: 'refused'; readonly reason: string };

export type Reshape = (source: Buffer, key: DocumentKey) => Shaped | Promise<Shaped>;

/** Added up since the coordinator started. */
export interface Tally {
  copied: number;
  conflicts: number;
  dropped: number;
  /** Batches that the engine turned away for a while. */
  busy: number;
  /** Documents with a routing were met. */
  routed: boolean;
  /** Copies of documents with a routing: each may have left one under another routing behind. */
  routedCopies: number;
  /** What was written since ids were last compared; undefined where nobody wants to know, or there is too much. */
  fed: DocumentKey[] | undefined;
}

/** A document that the follower, or the transform, refused. */
export interface Refused {
  readonly key: DocumentKey;
  readonly version: bigint;
  readonly reason: string;
}

export const newTally = (): Tally => ({
  copied: 0,
  conflicts: 0,
  dropped: 0,
  busy: 0,
  routed: false,
  routedCopies: 0,
  fed: undefined,
});

/** The documents of one shard of the leader are all in the shard of this number of the follower. */
export function keepsShards({ leader, follower }: Replication): boolean {
  return (
    leader.shards === follower.shards &&
    leader.routingNumShards === follower.routingNumShards &&
    leader.partitionSize === follower.partitionSize
  );
}

/**
 * A shard of the follower gets documents of several shards of the leader. An index keeps one document of an id in each of
 * its shards, so documents of one id and different routings may meet there, with stamps that say nothing of each other.
 */
export function mergesShards({ leader, follower }: Pick<Replication, 'leader' | 'follower'>): boolean {
  const refines =
    leader.routingNumShards === follower.routingNumShards &&
    leader.partitionSize === follower.partitionSize &&
    follower.shards % leader.shards === 0;
  return leader.shards > 1 && !refines;
}

/** Documents are brought by their ids, where an id may have several routings. */
export const reconcilesIds = (replication: Replication): boolean =>
  replication.tally.routed && mergesShards(replication);

/** To be told of what is met on either index. */
export function noteRouting({ tally }: Replication, keys: readonly DocumentKey[]): void {
  tally.routed ||= keys.some(({ routing }) => routing !== undefined);
}

export async function createReplication(
  parts: Omit<Replication, 'leader' | 'follower' | 'tally' | 'vectors'> & {
    readonly leader: IndexRef;
    readonly follower: IndexRef;
    readonly tally: Tally;
  },
): Promise<Replication> {
  const [leader, follower] = await Promise.all([
    indexRouting(parts.leader.cluster, parts.leader.index),
    indexRouting(parts.follower.cluster, parts.follower.index),
  ]);
  const term = Math.max(...(await primaryTerms(parts.leader.cluster, parts.leader.index)));
  if (term > MAX_TERM)
    throw new TwindexError(
      'unsafe',
      `the primary term of a shard of ${parts.leader.index} is ${term}, and twindex can follow an index up to ${MAX_TERM} only. ` +
        'Copy it into a new index with _reindex first: the terms of a new index begin at 1.',
    );
  return {
    ...parts,
    leader: { ...leader, ...parts.leader },
    follower: { ...follower, ...parts.follower },
    vectors: new RoundedVectors([parts.leader, parts.follower]),
  };
}
