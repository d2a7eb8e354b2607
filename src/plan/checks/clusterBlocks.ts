// Check: the clusters must not be read-only. A read-only cluster refuses new indexes, mappings and aliases.
import { getClusterSettings } from '../../cluster/nodes/getClusterSettings.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { Check, Finding } from './check.js';

const BLOCKS = [
  'cluster.blocks.read_only',
  'cluster.blocks.read_only_allow_delete',
  'cluster.blocks.create_index',
];

export const checkClusterBlocks: Check = async ({ cluster, sourceCluster, target }) => {
  // twindex creates no index in the source cluster: it changes only aliases and blocks there
  const findings = await blocksOf(cluster, 'the cluster', target !== undefined);
  if (sourceCluster === cluster) return findings;
  return [...findings, ...(await blocksOf(sourceCluster, 'the cluster of `source`', false))];
};

async function blocksOf(cluster: Cluster, which: string, creates: boolean): Promise<Finding[]> {
  const settings = await getClusterSettings(cluster);
  return BLOCKS.filter((name) => settings[name] === 'true')
    .filter((name) => creates || name !== 'cluster.blocks.create_index')
    .map((name) => ({
      check: 'cluster-blocks',
      level: 'block',
      message:
        `${which} is read-only (${name} is true): nothing can be created or changed in it. ` +
        `Remove the cause (a full disk?), then reset this setting: PUT /_cluster/settings {"persistent":{"${name}":null}}.`,
    }));
}
