// Check: the new index must not exceed the cluster's limit for shards.
import { clusterHealth } from '../../cluster/nodes/clusterHealth.js';
import { getClusterSettings } from '../../cluster/nodes/getClusterSettings.js';
import { count } from '../../words.js';
import type { Check, Finding } from './check.js';
import { readSetting } from './readSetting.js';

const SETTING = 'cluster.max_shards_per_node';

export const checkShardLimit: Check = async ({ cluster, target }) => {
  if (!target) return [];
  const [settings, health] = await Promise.all([getClusterSettings(cluster), clusterHealth(cluster)]);
  return shardLimitFindings({
    target: target.index,
    wanted: copiesOf(target.settings),
    present: health.shards,
    dataNodes: health.dataNodes,
    perNode: Number(settings[SETTING] ?? Number.NaN),
  });
};

export interface ShardRoom {
  readonly target: string;
  readonly wanted: number;
  readonly present: number;
  readonly dataNodes: number;
  /** NaN, zero or a negative number means that there is no limit. */
  readonly perNode: number;
}

export function shardLimitFindings({ target, wanted, present, dataNodes, perNode }: ShardRoom): Finding[] {
  const limit = perNode * dataNodes;
  if (!(perNode > 0) || present + wanted <= limit) return [];
  return [
    {
      check: 'shard-limit',
      level: 'block',
      message:
        `${target} needs ${wanted} shards, but the cluster has ${present} already, and its limit is ${limit} ` +
        `(${SETTING} is ${perNode}, with ${count(dataNodes, 'data node')}). Delete indexes, declare fewer shards or replicas, or raise ${SETTING}.`,
    },
  ];
}

function copiesOf(settings: Parameters<typeof readSetting>[0]): number {
  return primariesOf(settings) * (1 + replicasOf(settings));
}

export function primariesOf(settings: Parameters<typeof readSetting>[0]): number {
  return Number(readSetting(settings, 'number_of_shards') ?? 1);
}

export function replicasOf(settings: Parameters<typeof readSetting>[0]): number {
  return Number(readSetting(settings, 'number_of_replicas') ?? 1);
}
