// The direction of following: which index is read, which is written, and how documents change their shape.
import type { IndexRef } from '../cluster/indexRef.js';
import { type IndexRouting, indexRouting } from '../cluster/indices/indexRouting.js';
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import { primaryTerms } from '../cluster/indices/primaryTerms.js';
import { TwindexError } from '../errors.js';
import type { BulkIndex } from '../documents/bulkBody.js';
import { RoundedVectors } from './roundedVectors.js';
import { MAX_TERM } from './stamp.js';

export interface Replication {
  /** The index that writes go to first. Following only reads it. */
  readonly leader: IndexRouting & IndexRef;
  /** The index that is kept in sync. Following writes to it only through the feed. */
  readonly follower: IndexRouting & IndexRef;
  /** The alias on the follower that is open for this coordinator's token. */
  readonly feed: string;
  readonly epoch: number;
  readonly reshape: Reshape;
  /** The opposite direction: from the follower's shape to the leader's. */
  readonly reshapeBack: Reshape;
  /** `_seq_no` by shard of the leader, up to which the indexes were equal when the roles were exchanged. */
  readonly roleStart: readonly number[];
  /** `_seq_no` by shard of the leader, up to which `_reindex` may have copied documents without stamps. */
  readonly backfilled: readonly number[];
  /** Set when documents of the target may come from the source of truth. */
  readonly sourceOfTruth?: SourceOfTruth | undefined;
  readonly vectors: Pick<RoundedVectors, 'explain'>;
  /** Counts, and facts that can't be found again after a crash. */
  readonly tally: Tally;
}

/** How to recognise ingested documents (docs/protocol.md, "Back-fill from the source of truth"). */
export interface SourceOfTruth {
  /** Whether the target is the follower. */
  readonly isForward: boolean;
  /** A document of the target with a lower version was ingested, or written while the target led. */
  readonly firstStamp: bigint;
  /** The last `_seq_no` of each shard of the target before it led; undefined if it never did. */
  readonly switchedAt: readonly number[] | undefined;
  /** Whether documents that only the source has were left out. */
  readonly prune: boolean;
}

/** The form in which a document of the leader goes to the follower. */
export type Shaped =
  | { readonly type: 'index'; readonly source: BulkIndex['source'] }
  | { readonly type: 'drop' }
  | { readonly type: 'refused'; readonly reason: string };

export type Reshape = (source: Buffer, key: DocumentKey) => Shaped | Promise<Shaped>;

/** Counted since the coordinator started. */
export interface Tally {
  copied: number;
  conflicts: number;
  dropped: number;
  /** Batches that the engine rejected because it was busy. */
  busy: number;
  /** Whether a document with a routing was found. */
  routed: boolean;
  /** Copies of documents with a routing. Each may have left a document of another routing behind. */
  routedCopies: number;
  /** Keys that were written since the last comparison of ids; undefined if not needed, or too many. */
  fed: DocumentKey[] | undefined;
}

/** A document that the follower or the transform refused. */
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

/** Whether both indexes put a document into the shard of the same number. */
export function keepsShards({ leader, follower }: Replication): boolean {
  return (
    leader.shards === follower.shards &&
    leader.routingNumShards === follower.routingNumShards &&
    leader.partitionSize === follower.partitionSize
  );
}

/**
 * Whether a shard of the follower gets documents of several shards of the leader. In it, documents of one id
 * with different routings replace each other, although their stamps can't be compared.
 */
export function mergesShards({ leader, follower }: Pick<Replication, 'leader' | 'follower'>): boolean {
  const refines =
    leader.routingNumShards === follower.routingNumShards &&
    leader.partitionSize === follower.partitionSize &&
    follower.shards % leader.shards === 0;
  return leader.shards > 1 && !refines;
}

/** Whether documents are reconciled by their ids, because an id may have several routings. */
export const reconcilesIds = (replication: Replication): boolean =>
  replication.tally.routed && mergesShards(replication);

/** Called with the keys that are found in either index. */
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
