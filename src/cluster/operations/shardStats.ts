// GET /INDEX/_stats?level=shards: sequence numbers and delete operations of each primary.
import { TwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

export interface ShardStats {
  /** The highest `_seq_no` given out; -1 when there was none. */
  readonly maxSeqNo: number;
  /** Every operation up to it is on all in-sync copies. */
  readonly globalCheckpoint: number;
  /** Delete operations since this copy started, with the node it is on: another node counts anew. */
  readonly deletes: string;
  readonly deleteTotal: number;
}

interface Copy {
  readonly routing: { readonly primary: boolean; readonly node: string };
  readonly seq_no?: { readonly max_seq_no: number; readonly global_checkpoint: number };
  readonly indexing: { readonly delete_total: number };
}

/** By shard number; every shard of the index is there. @throws TwindexError `overloaded` when one has no primary */
export async function shardStats(cluster: Cluster, index: string, shards: number): Promise<ShardStats[]> {
  const answer = await cluster.connection.json<{
    indices?: Record<string, { shards: Record<string, Copy[]> }>;
  }>({
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_stats/indexing`,
    query: {
      level: 'shards',
      filter_path:
        'indices.*.shards.*.seq_no,indices.*.shards.*.routing,indices.*.shards.*.indexing.delete_total',
    },
    repeat: 'always',
  });
  const found = answer.indices?.[index]?.shards ?? {};
  return Array.from({ length: shards }, (_, shard) => {
    const primary = found[shard]?.find((copy) => copy.routing.primary);
    if (!primary?.seq_no)
      throw new TwindexError('overloaded', `shard ${shard} of ${index} has no active primary`);
    return {
      maxSeqNo: primary.seq_no.max_seq_no,
      globalCheckpoint: primary.seq_no.global_checkpoint,
      deletes: `${primary.routing.node}:${primary.indexing.delete_total}`,
      deleteTotal: primary.indexing.delete_total,
    };
  });
}
