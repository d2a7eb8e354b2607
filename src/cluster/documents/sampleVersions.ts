// POST /INDEX/_search: reads `_version` and `_seq_no` of the documents that were written first or last.
import type { Cluster } from '../cluster.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import { searchJson } from '../guardedReads.js';

export interface VersionSample {
  readonly id: string;
  /** Not exact above 2^53. */
  readonly version: number;
  readonly seqNo: number;
}

interface SearchAnswer {
  readonly hits?: {
    readonly hits?: readonly { readonly _id: string; readonly _version: number; readonly _seq_no: number }[];
  };
}

/** @param settings of the index, as GET returns them. Their `max_result_window` limits the number of documents. */
export async function sampleVersions(
  cluster: Cluster,
  { index, settings }: { readonly index: string; readonly settings: JsonObject },
  order: 'asc' | 'desc',
  most: number,
): Promise<VersionSample[]> {
  const window = Number((settings['index'] as { max_result_window?: string } | undefined)?.max_result_window);
  const size = window > 0 ? Math.min(most, window) : most;
  const answer = await searchJson<SearchAnswer>(cluster, {
    index,
    query: {
      version: true,
      seq_no_primary_term: true,
      filter_path: 'timed_out,_shards,hits.hits._id,hits.hits._version,hits.hits._seq_no',
    },
    body: {
      size,
      track_total_hits: false,
      // `unmapped_type`: in an index without a mapping, Elasticsearch has no field `_seq_no`
      sort: [{ _seq_no: { order, unmapped_type: 'long' } }],
    },
    source: false,
  });
  return (answer.hits?.hits ?? []).map((hit) => ({ id: hit._id, version: hit._version, seqNo: hit._seq_no }));
}
