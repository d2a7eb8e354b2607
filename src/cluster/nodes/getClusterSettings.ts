// GET /_cluster/settings: the settings of the whole cluster, including defaults.
import type { Cluster } from '../cluster.js';

/** By full name: `cluster.blocks.read_only` -> `'false'`. The items of a list are joined with commas. */
export type ClusterSettings = Readonly<Record<string, string>>;

/** The effective settings: transient, else persistent, else default. */
export async function getClusterSettings(cluster: Cluster): Promise<ClusterSettings> {
  const answer = await cluster.connection.json<
    Partial<Record<Layer, Record<string, string | string[] | null>>>
  >({
    method: 'GET',
    path: '/_cluster/settings',
    query: { include_defaults: true, flat_settings: true },
    repeat: 'always',
  });
  const merged = { ...answer.defaults, ...answer.persistent, ...answer.transient };
  const set = Object.entries(merged).filter(([, value]) => value !== null);
  return Object.fromEntries(set.map(([key, value]) => [key, String(value)]));
}

type Layer = 'defaults' | 'persistent' | 'transient';
