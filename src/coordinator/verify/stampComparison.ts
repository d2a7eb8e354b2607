// Matches the operations of the leader's documents with the follower's stamps, without reading documents.
// Both indexes must put a document into the same shard, since a stamp is unique only within a shard.
import type { IndexRef } from '../../cluster/indexRef.js';
import type { Replication } from '../../protocol/replication.js';
import type { Hit } from '../../documents/hits.js';
import { operationNumber, operationOf, seqNoOf } from '../../protocol/stamp.js';
import { OperationSet } from './operationSet.js';
import type { SeqNoRange } from '../../documents/seqNoRange.js';
import { rangesOf, walk } from './ranges.js';

export interface StampComparisonParts {
  readonly replication: Replication;
  readonly signal: AbortSignal;
  /** Called with the number of documents that were read from either index. */
  readonly onRead?: ((documents: number) => void) | undefined;
}

interface Unmatched {
  readonly matched: number;
  /** The leader's `_seq_no` of operations without a copy, ascending. */
  readonly uncopied: Iterable<number>;
  /** The follower's `_seq_no` of documents that match no operation; undefined when there are too many. */
  readonly strange: readonly number[] | undefined;
}

const MOST_REMEMBERED = 200_000;

/** @param leader a range in which all documents were copied with stamps */
export async function compareStamps(
  { replication, signal, onRead }: StampComparisonParts,
  leader: SeqNoRange,
  follower: SeqNoRange,
): Promise<Unmatched> {
  const operations = new OperationSet();
  const read = async (
    { cluster, index }: IndexRef,
    range: SeqNoRange,
    onHit: (hit: Hit) => void,
  ): Promise<void> => {
    const onPage = (hits: readonly Hit[]): Promise<boolean> => {
      for (const hit of hits) onHit(hit);
      onRead?.(hits.length);
      return Promise.resolve(true);
    };
    await walk(rangesOf([range]), { cluster, index, fields: 'stamps', signal, onPage });
  };
  await read(replication.leader, leader, ({ term, seqNo }) => operations.add(operationNumber(term, seqNo)));
  let matched = 0;
  let strange: number[] | undefined = [];
  await read(replication.follower, follower, ({ version, seqNo }) => {
    const operation = operationOf(version as bigint, replication.epoch);
    if (operation !== undefined && operations.take(operation)) matched++;
    else if (strange && strange.length < MOST_REMEMBERED) strange.push(seqNo);
    else strange = undefined;
  });
  return { matched, uncopied: seqNosOf(operations), strange: strange?.sort((a, b) => a - b) };
}

function* seqNosOf(operations: OperationSet): Generator<number> {
  for (const operation of operations.left()) yield seqNoOf(operation);
}
