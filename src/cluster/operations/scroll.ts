// POST /INDEX/_search?scroll, POST and DELETE /_search/scroll: a range of one shard as it is at one instant, in the order in
// which the engine has stored it. It reads such pages as a stream: they cost a third of pages in the order of `_seq_no`.
import type { Answer } from '../connection.js';
import type { Cluster } from '../cluster.js';
import { toTwindexError } from '../errors.js';
import type { PageRequest } from './searchPage.js';

/** Longer than a page takes to be written. */
const KEPT = '2m';
const SCROLL = '/_search/scroll';

export interface ScrollRequest extends Pick<PageRequest, 'index' | 'shard' | 'after' | 'size'> {
  readonly upTo: number;
  readonly maxBytes: number;
}

/** The first page, for `parseHits`, with the id of the scroll. @throws TwindexError */
export async function openScroll(cluster: Cluster, request: ScrollRequest): Promise<Buffer> {
  const { index, shard, after, upTo, size, maxBytes } = request;
  const path = `/${encodeURIComponent(index)}/_search`;
  const answer = await cluster.connection.send({
    method: 'POST',
    path,
    query: { scroll: KEPT, preference: `_shards:${shard}`, allow_partial_search_results: false },
    body: {
      size,
      query: { range: { _seq_no: { gt: after, lte: upTo } } },
      sort: ['_doc'],
      seq_no_primary_term: true,
      _source: true,
    },
    maxResponseBytes: maxBytes,
    repeat: 'always',
  });
  return taken(answer, path);
}

/** A page that is asked for twice would be the page after it. @throws TwindexError `unanswered`: it may be lost */
export async function nextPage(cluster: Cluster, id: string, maxBytes: number): Promise<Buffer> {
  const body = { scroll: KEPT, scroll_id: id };
  const answer = await cluster.connection.send({
    method: 'POST',
    path: SCROLL,
    body,
    maxResponseBytes: maxBytes,
    repeat: 'never',
  });
  return taken(answer, SCROLL);
}

/** What can't be let go ends by itself. */
export async function closeScroll(cluster: Cluster, id: string): Promise<void> {
  const body = { scroll_id: id };
  await cluster.connection
    .send({ method: 'DELETE', path: SCROLL, body, repeat: 'never' })
    .catch(() => undefined);
}

function taken(answer: Answer, path: string): Buffer {
  if (answer.status >= 300) throw toTwindexError({ method: 'POST', path }, answer);
  return answer.body;
}
