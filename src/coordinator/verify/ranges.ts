// Cuts an index into ranges of `_seq_no`, and reads them in several concurrent loops.
import type { Cluster } from '../../cluster/cluster.js';
import { MAX_ONLY, type PageFields } from '../../cluster/documents/searchPage.js';
import type { Hit } from '../../documents/hits.js';
import type { OpenSeqNoRange, SeqNoRange } from '../../documents/seqNoRange.js';
import { PageReader } from '../../documents/pageReader.js';

const SLOTS = 3;
const LEAST = 5_000;
const MOST = 200_000;

export const wholeShards = (maxSeqNos: readonly number[]): SeqNoRange[] =>
  maxSeqNos.map((upTo, shard) => ({ shard, after: -1, upTo }));

/** Cuts ranges into smaller ones, which the loops of `walk` share. */
export function rangesOf(whole: readonly SeqNoRange[]): SeqNoRange[] {
  const operations = whole.reduce((sum, { after, upTo }) => sum + Math.max(0, upTo - after), 0);
  const size = Math.min(MOST, Math.max(LEAST, Math.ceil(operations / (4 * SLOTS))));
  return whole.flatMap(({ shard, after, upTo }) =>
    Array.from({ length: Math.max(0, Math.ceil((upTo - after) / size)) }, (_, n) => ({
      shard,
      after: after + n * size,
      upTo: Math.min(upTo, after + (n + 1) * size),
    })),
  );
}

/** @returns ranges of a shard that together contain only these `_seq_no` */
export function* rangesAt(shard: number, seqNos: Iterable<number>): Generator<OpenSeqNoRange> {
  let only: number[] = [];
  for (const seqNo of seqNos) {
    only.push(seqNo);
    if (only.length < MAX_ONLY) continue;
    yield rangeAround(shard, only);
    only = [];
  }
  if (only.length > 0) yield rangeAround(shard, only);
}

const rangeAround = (shard: number, only: readonly number[]): OpenSeqNoRange => ({
  shard,
  after: Math.min(...only) - 1,
  upTo: Math.max(...only),
  only,
});

/**
 * The ranges of documents that are written after the reading began. Such a document moves to a higher `_seq_no`,
 * perhaps before its old range is read.
 */
export const tailsOf = (maxSeqNos: readonly number[]): OpenSeqNoRange[] =>
  maxSeqNos.map((after, shard) => ({ shard, after, upTo: undefined }));

export interface Walk {
  readonly cluster: Cluster;
  readonly index: string;
  readonly fields: PageFields;
  readonly signal: AbortSignal;
  /** Called with each page. @returns false to stop reading */
  readonly onPage: (hits: readonly Hit[]) => Promise<boolean>;
}

/** The next page of a range is requested while the present page is processed. */
export async function walk(ranges: Iterable<OpenSeqNoRange>, options: Walk): Promise<void> {
  const waiting = oneByOne(ranges);
  const stop = new AbortController();
  const slots = Array.from({ length: SLOTS }, async () => {
    const reader = new PageReader(options.cluster, options.fields);
    for (const range of waiting) {
      if (stop.signal.aborted) return;
      await walkOne(range, reader, options, stop);
    }
  });
  try {
    await Promise.all(slots);
  } finally {
    stop.abort();
    await Promise.allSettled(slots);
  }
}

/** All loops share this generator, so that each range is read once. */
function* oneByOne(ranges: Iterable<OpenSeqNoRange>): Generator<OpenSeqNoRange> {
  yield* ranges;
}

async function walkOne(
  range: OpenSeqNoRange,
  reader: PageReader,
  { index, signal, onPage }: Walk,
  stop: AbortController,
): Promise<void> {
  for await (const hits of reader.pages(index, range.shard, range)) {
    signal.throwIfAborted();
    if (stop.signal.aborted) return;
    if (!(await onPage(hits))) stop.abort();
  }
}
