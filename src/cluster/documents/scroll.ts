// POST /INDEX/_search?scroll, POST and DELETE /_search/scroll: reads a range of one shard at a fixed point in
// time, in storage order. Such pages cost the engine a third of pages in the order of `_seq_no`.
import type { Cluster } from '../cluster.js';
import { nextPage as nextOf, search } from '../guardedReads.js';
import { hasSource, type PageRequest } from './searchPage.js';

/** How long the engine keeps the scroll between two pages: longer than writing a page takes. */
const KEPT = '2m';

export interface ScrollRequest extends Pick<PageRequest, 'index' | 'shard' | 'after' | 'size' | 'fields'> {
  readonly upTo: number;
  readonly maxBytes: number;
}

/** Returns the first page, which contains the scroll's id, for `parseHits`. */
export async function openScroll(cluster: Cluster, request: ScrollRequest): Promise<Buffer> {
  const { index, shard, after, upTo, size, fields, maxBytes } = request;
  return await search(cluster, {
    index,
    query: { scroll: KEPT, preference: `_shards:${shard}` },
    body: {
      size,
      query: { range: { _seq_no: { gt: after, lte: upTo } } },
      sort: ['_doc'],
      seq_no_primary_term: true,
      ...(fields === 'versioned' ? { version: true } : {}),
    },
    source: hasSource(fields),
    shards: 1,
    maxResponseBytes: maxBytes,
  });
}

/** @throws TwindexError. A retry may then skip a page, since the engine may already have gone on to the next page. */
export async function nextPageBody(cluster: Cluster, id: string, maxBytes: number): Promise<Buffer> {
  return await nextOf(cluster, { id, keepAlive: KEPT, maxBytes, shards: 1 });
}
