// From which index to which documents are followed, and in which shape they arrive.
import type { Located } from '../cluster/located.js';
import { type IndexRouting, indexRouting } from '../cluster/indices/indexRouting.js';
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import { primaryTerms } from '../cluster/indices/primaryTerms.js';
import { TwindexError } from '../errors.js';
import type { BulkIndex } from '../documents/bulkBody.js';
import { RoundedVectors } from './roundedVectors.js';
import { MAX_TERM } from './stamp.js';

export interface Direction {
  /** The index that writes go to first. Only ever read here. */
  readonly first: IndexRouting & Located;
  /** The index that is kept in step; written only through the feed. */
  readonly second: IndexRouting & Located;
  /** The alias on the second index that this coordinator's token has open. */
  readonly feed: string;
  readonly epoch: number;
  readonly reshape: Reshape;
  /** The other way round: what a document of the second index would be on the first. */
  readonly reshapeBack: Reshape;
  /** `_seq_no` by shard of the first index up to which the indexes were equal when these roles began, without stamps. */
  readonly roleStart: readonly number[];
  /**
   * `_seq_no` by shard of the first index up to which `_reindex` may have brought a document, with its own `_version` and
   * no stamp.
   */
  readonly backfilled: readonly number[];
  /** Documents of the target may have come from the source of truth. */
  readonly truth?: Truth | undefined;
  /** Of both indexes. */
  readonly vectors: Pick<RoundedVectors, 'explain'>;
  /** Counts, and what can't be counted again after a crash. */
  readonly tally: Tally;
}

/** How documents that came from the source of truth, and not from the first index, are known (docs/protocol.md). */
export interface Truth {
  /** The target is the second index. */
  readonly forth: boolean;
  /** What the target has below it has come from the source of truth, or was written while it was first. */
  readonly firstStamp: bigint;
  /** `_seq_no` by shard of the target up to which nothing was written while it was first; undefined: it never was. */
  readonly switchedAt: readonly number[] | undefined;
  /** What only the source has was left out. */
  readonly prune: boolean;
}

/** What a document of the first index becomes on the second. */
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

/** A document that the second index, or the transform, refused. */
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

/** The documents of one shard of the first index are all in the shard of this number of the second. */
export function keepsShards({ first, second }: Direction): boolean {
  return (
    first.shards === second.shards &&
    first.routingNumShards === second.routingNumShards &&
    first.partitionSize === second.partitionSize
  );
}

/**
 * A shard of the second index gets documents of several shards of the first. An index keeps one document of an id in each of
 * its shards, so documents of one id and different routings may meet there, with stamps that say nothing of each other.
 */
export function mergesShards({ first, second }: Pick<Direction, 'first' | 'second'>): boolean {
  const refines =
    first.routingNumShards === second.routingNumShards &&
    first.partitionSize === second.partitionSize &&
    second.shards % first.shards === 0;
  return first.shards > 1 && !refines;
}

/** Documents are brought by their ids, where an id may have several routings. */
export const reconcilesIds = (direction: Direction): boolean =>
  direction.tally.routed && mergesShards(direction);

/** To be told of what is met on either index. */
export function noteRouting({ tally }: Direction, keys: readonly DocumentKey[]): void {
  tally.routed ||= keys.some(({ routing }) => routing !== undefined);
}

export async function openDirection(
  parts: Omit<Direction, 'first' | 'second' | 'tally' | 'vectors'> & {
    readonly first: Located;
    readonly second: Located;
    readonly tally: Tally;
  },
): Promise<Direction> {
  const [first, second] = await Promise.all([
    indexRouting(parts.first.cluster, parts.first.index),
    indexRouting(parts.second.cluster, parts.second.index),
  ]);
  const term = Math.max(...(await primaryTerms(parts.first.cluster, parts.first.index)));
  if (term > MAX_TERM)
    throw new TwindexError(
      'unsafe',
      `the primary term of a shard of ${parts.first.index} is ${term}, and twindex can follow an index up to ${MAX_TERM} only. ` +
        'Copy it into a new index with _reindex first: the terms of a new index begin at 1.',
    );
  return {
    ...parts,
    first: { ...first, ...parts.first },
    second: { ...second, ...parts.second },
    vectors: new RoundedVectors([parts.first, parts.second]),
  };
}
