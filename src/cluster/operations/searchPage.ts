// POST /INDEX/_search on one shard, in the order of `_seq_no`: the page that back-fill, verify and id comparison read.
import type { Cluster } from '../cluster.js';
import { toTwindexError } from '../errors.js';

export interface PageRequest {
  readonly index: string;
  readonly shard: number;
  /** Live documents with `after < _seq_no <= upTo`. */
  readonly after: number;
  readonly upTo: number | undefined;
  readonly size: number;
  readonly source: boolean;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The raw answer, for `parseHits`. @throws TwindexError `too_large` */
export async function searchPage(cluster: Cluster, page: PageRequest): Promise<Buffer> {
  const answer = await cluster.connection.send({
    method: 'POST',
    path: `/${encodeURIComponent(page.index)}/_search`,
    query: {
      preference: `_shards:${page.shard}`,
      // Not with sources: filtering, the engine prints them anew, and 1e400 or 12345678901234567890.5 are something else then.
      ...(page.source
        ? {}
        : { filter_path: 'timed_out,_shards.total,_shards.failed,_shards.failures,hits.hits' }),
      allow_partial_search_results: false,
    },
    body: {
      size: page.size,
      query: {
        range: { _seq_no: { gt: page.after, ...(page.upTo === undefined ? {} : { lte: page.upTo }) } },
      },
      // Elasticsearch knows no `_seq_no` in an index without a mapping
      sort: [{ _seq_no: { order: 'asc', unmapped_type: 'long' } }],
      seq_no_primary_term: true,
      track_total_hits: false,
      _source: page.source,
    },
    repeat: 'always',
    ...(page.maxBytes === undefined ? {} : { maxResponseBytes: page.maxBytes }),
    signal: page.signal,
  });
  if (answer.status >= 300) throw toTwindexError({ method: 'POST', path: `/${page.index}/_search` }, answer);
  return answer.body;
}
