// Level `stamps` where a shard's documents are all in one shard of the second index: a stamp is then that of one operation. The
// operations of which the one has a live document against those of which the other has a copy, without reading a document. What
// does not match is looked at as a document, by whoever asked.
import type { Cluster } from '../cluster/cluster.js';
import type { Direction } from '../follow/direction.js';
import type { Hit } from '../follow/hits.js';
import { PageReader } from '../follow/pageReader.js';
import { operationNumber, operationOf, seqNoOf } from '../follow/stamp.js';
import { OperationSet } from './operationSet.js';
import { type BoundedRange, rangesOf, walk } from './ranges.js';

export interface StampComparisonParts {
  readonly cluster: Cluster;
  readonly direction: Direction;
  readonly signal: AbortSignal;
  /** Documents that were read, of both. */
  readonly onRead: (documents: number) => void;
}

interface Unmatched {
  /** Pairs of documents. */
  readonly matched: number;
  /** `_seq_no` of the first index, ascending: their copies were not seen. */
  readonly onFirst: Iterable<number>;
  /** `_seq_no` of the second index, ascending; undefined when there are too many to remember. */
  readonly onSecond: readonly number[] | undefined;
}

const MOST_REMEMBERED = 200_000;
/** Those of one search. */
const AT_ONCE = 1_000;

/** The first range has nothing that came without a stamp. */
export async function compareStamps(
  { cluster, direction, signal, onRead }: StampComparisonParts,
  first: BoundedRange,
  second: BoundedRange,
): Promise<Unmatched> {
  const operations = new OperationSet();
  const read = async (index: string, range: BoundedRange, onHit: (hit: Hit) => void): Promise<void> => {
    const onPage = (hits: readonly Hit[]): Promise<boolean> => {
      for (const hit of hits) onHit(hit);
      onRead(hits.length);
      return Promise.resolve(true);
    };
    await walk(rangesOf([range]), { cluster, index, fields: 'stamps', signal, onPage });
  };
  await read(direction.first.index, first, ({ term, seqNo }) => operations.add(operationNumber(term, seqNo)));
  let matched = 0;
  let others: number[] | undefined = [];
  await read(direction.second.index, second, ({ version, seqNo }) => {
    const operation = operationOf(version as bigint, direction.epoch);
    if (operation !== undefined && operations.take(operation)) matched++;
    else if (others && others.length < MOST_REMEMBERED) others.push(seqNo);
    else others = undefined;
  });
  return { matched, onFirst: seqNosOf(operations), onSecond: others?.sort((a, b) => a - b) };
}

function* seqNosOf(operations: OperationSet): Generator<number> {
  for (const operation of operations.left()) yield seqNoOf(operation);
}

/** The documents that still have one of these `_seq_no`, without their sources. */
export async function* documentsAt(
  cluster: Cluster,
  index: string,
  shard: number,
  seqNos: Iterable<number>,
): AsyncGenerator<readonly Hit[]> {
  const reader = new PageReader(cluster, 'ids');
  for (const only of inParts(seqNos)) {
    const upTo = Math.max(...only);
    for (let after = Math.min(...only) - 1; ; ) {
      const { hits, last } = await reader.read(index, shard, after, upTo, only);
      if (hits.length > 0) yield hits;
      const lastHit = hits.at(-1);
      if (last || !lastHit) break;
      after = lastHit.seqNo;
    }
  }
}

function* inParts(seqNos: Iterable<number>): Generator<number[]> {
  let part: number[] = [];
  for (const seqNo of seqNos) {
    part.push(seqNo);
    if (part.length < AT_ONCE) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
