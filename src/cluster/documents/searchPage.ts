// POST /INDEX/_search on one shard, in the order of `_seq_no`: the page that back-fill, verify and id comparison read.
import type { Cluster } from '../cluster.js';
import { search } from '../guardedReads.js';

/**
 * `versioned`: `_source` and `_version`. `stamps`: nothing but `_seq_no`, `_primary_term` and `_version`, for which no stored field has to
 * be read.
 */
export type PageFields = 'source' | 'versioned' | 'ids' | 'stamps';

export const hasSource = (fields: PageFields): boolean => fields === 'source' || fields === 'versioned';

/** `only` so many documents. */
export const MAX_ONLY = 1_000;

export interface PageRequest {
  readonly index: string;
  readonly shard: number;
  /** Live documents with `after < _seq_no <= upTo`. */
  readonly after: number;
  readonly upTo: number | undefined;
  readonly size: number;
  readonly fields: PageFields;
  /** Only documents that have one of these `_seq_no`; `MAX_ONLY` at most. */
  readonly only?: readonly number[] | undefined;
  /** Only documents that have one of these ids, under whatever routing. */
  readonly ids?: readonly string[] | undefined;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The raw answer, complete, for `parseHits`. @throws TwindexError `too_large`, `overloaded` */
export async function searchPage(cluster: Cluster, page: PageRequest): Promise<Buffer> {
  const { after, upTo, only, ids } = page;
  const range = { range: { _seq_no: { gt: after, ...(upTo === undefined ? {} : { lte: upTo }) } } };
  return await search(cluster, {
    index: page.index,
    query: {
      preference: `_shards:${page.shard}`,
      // Not with sources: filtering, the engine prints them anew, and 1e400 or 12345678901234567890.5 are something else then.
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
      // Elasticsearch knows no `_seq_no` in an index without a mapping
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
