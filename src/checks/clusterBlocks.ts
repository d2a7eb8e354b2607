// A read-only cluster refuses new indexes, mappings and aliases.
import { getClusterSettings } from '../cluster/operations/getClusterSettings.js';
import type { Check } from './check.js';

const BLOCKS = [
  'cluster.blocks.read_only',
  'cluster.blocks.read_only_allow_delete',
  'cluster.blocks.create_index',
];

export const checkClusterBlocks: Check = async ({ cluster, target }) => {
  const settings = await getClusterSettings(cluster);
  return BLOCKS.filter((name) => settings[name] === 'true')
    .filter((name) => target !== undefined || name !== 'cluster.blocks.create_index')
    .map((name) => ({
      check: 'cluster-blocks',
      level: 'block',
      message:
        `the cluster is read-only (${name} is true): nothing can be created or changed in it. ` +
        `When the reason is gone (a full disk?), set it back: PUT /_cluster/settings {"persistent":{"${name}":null}}.`,
    }));
};
