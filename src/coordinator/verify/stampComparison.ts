// Level `stamps` where a shard's documents are all in one shard of the follower: a stamp is then that of one operation. The
// operations of which the one has a live document against those of which the other has a copy, without reading a document. What
// does not match is looked at as a document, by whoever asked.
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
  /** Documents that were read, of both. */
  readonly onRead?: ((documents: number) => void) | undefined;
}

interface Unmatched {
  /** Pairs of documents. */
  readonly matched: number;
  /** `_seq_no` of the leader, ascending: their copies were not seen. */
  readonly uncopied: Iterable<number>;
  /** `_seq_no` of the follower, ascending: copies of none of those; undefined when there are too many to remember. */
  readonly strange: readonly number[] | undefined;
}

const MOST_REMEMBERED = 200_000;

/** The first range has nothing that came without a stamp. */
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
