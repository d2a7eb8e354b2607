// An index cut into ranges of `_seq_no`, read by several lanes at a time.
import type { Cluster } from '../cluster/cluster.js';
import type { PageFields } from '../cluster/operations/searchPage.js';
import type { Hit } from '../follow/hits.js';
import { PageReader } from '../follow/pageReader.js';

/** Live documents of a shard with `after < _seq_no <= upTo`; without a bound to the end. */
interface Range {
  readonly shard: number;
  readonly after: number;
  readonly upTo: number | undefined;
}

export interface BoundedRange extends Range {
  readonly upTo: number;
}

const LANES = 3;
const LEAST = 5_000;
const MOST = 200_000;

/** Of all shards, from their beginning. @param maxSeqNos by shard */
export const wholeShards = (maxSeqNos: readonly number[]): BoundedRange[] =>
  maxSeqNos.map((upTo, shard) => ({ shard, after: -1, upTo }));

/** Cut into pieces that the lanes can share. */
export function rangesOf(whole: readonly BoundedRange[]): BoundedRange[] {
  const operations = whole.reduce((sum, { after, upTo }) => sum + Math.max(0, upTo - after), 0);
  const size = Math.min(MOST, Math.max(LEAST, Math.ceil(operations / (4 * LANES))));
  return whole.flatMap(({ shard, after, upTo }) =>
    Array.from({ length: Math.max(0, Math.ceil((upTo - after) / size)) }, (_, n) => ({
      shard,
      after: after + n * size,
      upTo: Math.min(upTo, after + (n + 1) * size),
    })),
  );
}

/**
 * What was written while those were read, and so may have moved out of a range before it was met. It only ever moves ahead
 * of the reader.
 */
export const tailsOf = (maxSeqNos: readonly number[]): Range[] =>
  maxSeqNos.map((after, shard) => ({ shard, after, upTo: undefined }));

export interface Walk {
  readonly cluster: Cluster;
  readonly index: string;
  readonly fields: PageFields;
  readonly signal: AbortSignal;
  /** With each page. @returns false to end here */
  readonly onPage: (hits: readonly Hit[]) => Promise<boolean>;
}

/** Reads all ranges; the next page of a range while the last one is looked at. */
export async function walk(ranges: readonly Range[], options: Walk): Promise<void> {
  const waiting = [...ranges];
  const stop = new AbortController();
  const lanes = Array.from({ length: Math.min(LANES, ranges.length) }, async () => {
    const reader = new PageReader(options.cluster, options.fields);
    for (let range = waiting.shift(); range && !stop.signal.aborted; range = waiting.shift())
      await walkOne(range, reader, options, stop);
  });
  try {
    await Promise.all(lanes);
  } finally {
    stop.abort();
    await Promise.allSettled(lanes);
  }
}

async function walkOne(
  { shard, after, upTo }: Range,
  reader: PageReader,
  { index, signal, onPage }: Walk,
  stop: AbortController,
): Promise<void> {
  const read = (from: number) => reader.read(index, shard, from, upTo);
  let page = await read(after);
  for (;;) {
    signal.throwIfAborted();
    if (stop.signal.aborted) return;
    const last = page.hits.at(-1);
    const next = page.last || !last ? undefined : read(last.seqNo);
    next?.catch(() => undefined); // awaited below, unless this one fails
    if (!(await onPage(page.hits))) stop.abort();
    if (!next) return;
    page = await next;
  }
}
