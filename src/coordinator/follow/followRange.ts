// Follows a range of a shard in pages: reads documents of the leader in the order of `_seq_no`, transforms
// them, and writes them to the follower with stamps.
import type { OpenSeqNoRange } from '../../documents/seqNoRange.js';
import {
  type Replication,
  keepsShards,
  noteRouting,
  type Refused,
  reconcilesIds,
} from '../../protocol/replication.js';
import { feed, type FeedOperation, type FeedOptions } from './feedWriter.js';
import type { Hit } from '../../documents/hits.js';
import type { Page, PageReader } from '../../documents/pageReader.js';
import { feedById } from './reconcile.js';
import { stampOf } from '../../protocol/stamp.js';

export interface CopyContext {
  readonly reader: PageReader;
  readonly feed: FeedOptions;
  /** Saves refused documents before it returns, so that the cursor never passes an unsaved document. */
  readonly keepRefused: (refused: readonly Refused[]) => Promise<void>;
  /** Called when everything in the range up to `upTo` is written. */
  readonly onCopied?: ((documents: number, upTo: number) => void) | undefined;
}

export interface RangeOptions extends OpenSeqNoRange, CopyContext {
  /** Called before each further page is read. It may wait. @returns true to stop here */
  readonly stops: () => Promise<boolean> | boolean;
  /** Called before each page is written. @returns false to stop here without writing it */
  readonly mayWrite?: (() => Promise<boolean>) | undefined;
}

export type RangeResult =
  | { readonly type: 'done' }
  /** `cursor` is the last `_seq_no` that is written. */
  | { readonly type: 'stopped'; readonly cursor: number }
  | { readonly type: 'unwritten' };

/** The next page is read while the current page is written. */
export async function followRange(replication: Replication, options: RangeOptions): Promise<RangeResult> {
  const { shard, after, upTo, only, reader, stops, mayWrite } = options;
  const read = (from: number): Promise<Page> =>
    reader.read(replication.leader.index, shard, from, upTo, only);
  let page = await read(after);
  for (;;) {
    const lastHit = page.hits.at(-1);
    if (!lastHit) return { type: 'done' };
    if (mayWrite && !(await mayWrite())) return { type: 'unwritten' };
    const next = page.last || (await stops()) ? undefined : read(lastHit.seqNo);
    next?.catch(() => undefined); // prevents an unhandled rejection if writing fails
    await copyBatch(replication, page.hits, options);
    options.onCopied?.(page.hits.length, lastHit.seqNo);
    if (page.last) return { type: 'done' };
    if (!next) return { type: 'stopped', cursor: lastHit.seqNo };
    page = await next;
  }
}

export async function copyBatch(
  replication: Replication,
  hits: readonly Hit[],
  copyContext: Omit<CopyContext, 'onCopied'>,
): Promise<void> {
  noteRouting(replication, hits);
  if (!keepsShards(replication))
    replication.tally.routedCopies += hits.filter(({ routing }) => routing !== undefined).length;
  const { operations, refused } = await shape(replication, hits);
  const { reader } = copyContext;
  const busyBefore = replication.tally.busy;
  const began = performance.now();
  const write = reconcilesIds(replication) ? feedById : feed;
  refused.push(...(await write(replication, operations, copyContext.feed)));
  if (replication.tally.busy > busyBefore) reader.shrink();
  else reader.wrote(operations.length, performance.now() - began);
  if (refused.length > 0) await copyContext.keepRefused(refused);
}

/** @returns operations for the follower. A document that the transform drops becomes a delete. */
export async function shape(
  replication: Replication,
  hits: readonly Hit[],
): Promise<{ readonly operations: FeedOperation[]; readonly refused: Refused[] }> {
  const operations: FeedOperation[] = [];
  const refused: Refused[] = [];
  // Start all transforms before awaiting the first, so that an ingest pipeline gets one request for all documents.
  const results = hits.map((hit) =>
    replication.reshape(hit.source as Buffer, { id: hit.id, routing: hit.routing }),
  );
  for (const [n, hit] of hits.entries()) {
    const key = { id: hit.id, routing: hit.routing };
    const version = stampOf(replication.epoch, hit.term, hit.seqNo);
    const result = results[n] as (typeof results)[number];
    const shaped = result instanceof Promise ? await result : result;
    if (shaped.type === 'refused') refused.push({ key, version, reason: shaped.reason });
    else if (shaped.type === 'drop') {
      replication.tally.dropped++;
      operations.push({ key, version, source: undefined });
    } else operations.push({ key, version, source: shaped.source });
  }
  return { operations, refused };
}
