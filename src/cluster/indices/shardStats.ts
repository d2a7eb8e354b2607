// GET /INDEX/_stats?level=shards: the sequence numbers of each shard, and its number of deletes.
import { TwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

export interface ShardStats {
  /**
   * The highest `_seq_no` of all copies that serve searches; -1 if there was no operation. Shortly after a
   * fail-over, it may be higher than that of the new primary.
   */
  readonly maxSeqNo: number;
  /** All in-sync copies have every operation up to this number. */
  readonly globalCheckpoint: number;
  /**
   * The primary's node and its number of deletes, as one string, since the count begins at zero on another
   * node.
   */
  readonly deletes: string;
  readonly deleteTotal: number;
}

interface Copy {
  readonly routing: { readonly primary: boolean; readonly node: string; readonly state: string };
  readonly seq_no?: { readonly max_seq_no: number; readonly global_checkpoint: number };
  readonly indexing: { readonly delete_total: number };
}

/** The statistics in the order of the shards. @throws TwindexError `overloaded` if a shard has no primary */
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
    const copies = found[shard] ?? [];
    const primary = copies.find((copy) => copy.routing.primary);
    if (!primary?.seq_no)
      throw new TwindexError('overloaded', `shard ${shard} of ${index} has no active primary`);
    return {
      maxSeqNo: Math.max(...copies.filter(isRead).map(({ seq_no: seqNo }) => seqNo?.max_seq_no ?? -1)),
      globalCheckpoint: primary.seq_no.global_checkpoint,
      deletes: `${primary.routing.node}:${primary.indexing.delete_total}`,
      deleteTotal: primary.indexing.delete_total,
    };
  });
}

/** False for a copy that is being recovered, since it serves no searches. */
function isRead({ routing }: Copy): boolean {
  return routing.primary || routing.state === 'STARTED' || routing.state === 'RELOCATING';
}
