// Describes how documents are copied from the present leader to the follower, and how they change their
// shape.
import type { IndexRef } from '../cluster/indexRef.js';
import { type IndexRouting, indexRouting } from '../cluster/indices/indexRouting.js';
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import { primaryTerms } from '../cluster/indices/primaryTerms.js';
import { TwindexError } from '../errors.js';
import type { BulkIndex } from '../documents/bulkBody.js';
import { RoundedVectors } from './roundedVectors.js';
import { MAX_TERM } from './stamp.js';

export interface Replication {
  readonly leader: IndexRouting & IndexRef;
  readonly follower: IndexRouting & IndexRef;
  readonly feed: string;
  readonly epoch: number;
  readonly reshape: Reshape;
  /** From the follower's shape to the leader's. */
  readonly reshapeBack: Reshape;
  /** For each shard of the leader: the `_seq_no` at the exchange of roles, when the indexes were equal. */
  readonly roleStart: readonly number[];
  /** For each shard of the leader: the `_seq_no` up to which back-filled documents may have no stamps. */
  readonly backfilled: readonly number[];
  /** Set when documents of the target may come from the source of truth. */
  readonly sourceOfTruth?: SourceOfTruth | undefined;
  readonly vectors: Pick<RoundedVectors, 'explain'>;
  readonly tally: Tally;
}

/** How to recognise ingested documents (docs/protocol.md, "Back-fill from the source of truth"). */
export interface SourceOfTruth {
  /** Whether the target is the follower. */
  readonly isForward: boolean;
  /** A document of the target with a lower version was ingested, or written when the target was the leader. */
  readonly firstStamp: bigint;
  /** For each shard of the target: the last `_seq_no` before the target became the leader, if it ever did. */
  readonly switchedAt: readonly number[] | undefined;
  readonly prune: boolean;
}

/** The result of translating a document into the shape of the other index. */
export type Shaped =
  | { readonly type: 'index'; readonly source: BulkIndex['source'] }
  | { readonly type: 'drop' }
  | { readonly type: 'refused'; readonly reason: string };

export type Reshape = (source: Buffer, key: DocumentKey) => Shaped | Promise<Shaped>;

/** Counts since the start of the coordinator, or of a worker's copy of a window. */
export interface Tally {
  copied: number;
  conflicts: number;
  dropped: number;
  /** Batches that the engine rejected because it was busy. */
  busy: number;
  routed: boolean;
  /** Copies of documents with a routing. Each of them may have left an old copy in another shard. */
  routedCopies: number;
  /** Keys that were written since ids were last compared; undefined if not needed, or too many. */
  fed: DocumentKey[] | undefined;
}

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

/** Whether both indexes put each document into the shard with the same number. */
export function keepsShards({ leader, follower }: Replication): boolean {
  return (
    leader.shards === follower.shards &&
    leader.routingNumShards === follower.routingNumShards &&
    leader.partitionSize === follower.partitionSize
  );
}

/**
 * Whether one shard of the follower gets documents of several shards of the leader. In such a shard,
 * documents with the same id and different routings replace each other, although their stamps can't be
 * compared.
 */
export function mergesShards({ leader, follower }: Pick<Replication, 'leader' | 'follower'>): boolean {
  const refines =
    leader.routingNumShards === follower.routingNumShards &&
    leader.partitionSize === follower.partitionSize &&
    follower.shards % leader.shards === 0;
  return leader.shards > 1 && !refines;
}

/** Whether documents are reconciled by their ids, because one id may have several routings. */
export const reconcilesIds = (replication: Replication): boolean =>
  replication.tally.routed && mergesShards(replication);

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
      `the primary term of a shard of ${parts.leader.index} is ${term}, but twindex can follow an index only up to ${MAX_TERM}. ` +
        'Copy it into a new index with _reindex first: the terms of a new index begin at 1.',
    );
  return {
    ...parts,
    leader: { ...leader, ...parts.leader },
    follower: { ...follower, ...parts.follower },
    vectors: new RoundedVectors([parts.leader, parts.follower]),
  };
}
