// POST /INDEX/_search on one shard, by `_seq_no`: pages for back-fill, verification and comparison of ids.
import type { Cluster } from '../cluster.js';
import { search } from '../guardedReads.js';

/**
 * What a page has of each document, besides `_seq_no` and `_primary_term`. `ids`: id and routing. `source`: also
 * `_source`. `versioned`: also `_source` and `_version`. `stamps`: only `_version`.
 */
export type PageFields = 'source' | 'versioned' | 'ids' | 'stamps';

export const hasSource = (fields: PageFields): boolean => fields === 'source' || fields === 'versioned';

export const MAX_ONLY = 1_000;

export interface PageRequest {
  readonly index: string;
  readonly shard: number;
  /** The page has live documents with `after < _seq_no <= upTo`. */
  readonly after: number;
  readonly upTo: number | undefined;
  readonly size: number;
  readonly fields: PageFields;
  /** Restricts the page to documents with one of these `_seq_no`, at most `MAX_ONLY`. */
  readonly only?: readonly number[] | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Returns the raw, complete response, for `parseHits`. @throws TwindexError `too_large`, `overloaded` */
export async function searchPage(cluster: Cluster, page: PageRequest): Promise<Buffer> {
  const { after, upTo, only, ids } = page;
  const range = { range: { _seq_no: { gt: after, ...(upTo === undefined ? {} : { lte: upTo }) } } };
  return await search(cluster, {
    index: page.index,
    query: {
      preference: `_shards:${page.shard}`,
      // not if `_source` is read: with filter_path, the engine prints `_source` again, and so changes numbers such
      // as 1e400 or 12345678901234567890.5
      ...(hasSource(page.fields) ? {} : { filter_path: 'timed_out,terminated_early,_shards,hits.hits' }),
    },
    body: {
      size: page.size,
      query:
        only || ids
          ? {
              bool: {
                filter: [
                  range,
                  ...(only ? [{ terms: { _seq_no: only } }] : []),
                  ...(ids ? [{ ids: { values: ids } }] : []),
                ],
              },
            }
          : range,
      // `unmapped_type`: in an index without a mapping, Elasticsearch has no field `_seq_no`
      sort: [{ _seq_no: { order: 'asc', unmapped_type: 'long' } }],
      seq_no_primary_term: true,
      track_total_hits: false,
      ...(page.fields === 'stamps' ? { stored_fields: '_none_' } : {}),
      ...(page.fields === 'stamps' || page.fields === 'versioned' ? { version: true } : {}),
    },
    source: hasSource(page.fields),
    shards: 1,
    ...(page.maxBytes === undefined ? {} : { maxResponseBytes: page.maxBytes }),
    signal: page.signal,
  });
}
