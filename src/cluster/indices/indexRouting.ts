// GET /_cluster/state/metadata: the settings that decide which shard a document is in.
import { TwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

export interface IndexRouting {
  readonly shards: number;
  /** The number of hash slots, of which each shard has one or more. */
  readonly routingNumShards: number;
  readonly partitionSize: number;
}

export async function indexRouting(cluster: Cluster, index: string): Promise<IndexRouting> {
  const answer = await cluster.connection.json<{
    metadata?: {
      indices?: Record<
        string,
        {
          routing_num_shards?: number;
          settings: { index: { number_of_shards: string; routing_partition_size?: string } };
        }
      >;
    };
  }>({
    method: 'GET',
    path: `/_cluster/state/metadata/${encodeURIComponent(index)}`,
    query: {
      filter_path:
        'metadata.indices.*.routing_num_shards,metadata.indices.*.settings.index.number_of_shards,metadata.indices.*.settings.index.routing_partition_size',
    },
    repeat: 'always',
  });
  const found = answer.metadata?.indices?.[index];
  if (!found) throw new TwindexError('not_found', `index ${index} does not exist any more`);
  const shards = Number(found.settings.index.number_of_shards);
  return {
    shards,
    routingNumShards: found.routing_num_shards ?? shards,
    partitionSize: Number(found.settings.index.routing_partition_size ?? 1),
  };
}
