// GET /INDEX/_settings and the cluster state: settings that alter the documents `_reindex` reads, and that no
// request can switch off.
import type { Cluster } from '../cluster.js';
import { readsVectorsOnDemand } from '../guardedReads.js';
import { getEffectiveSetting } from './getEffectiveSetting.js';

const DEFAULT_PIPELINE = 'index.search.default_pipeline';
const EXCLUDE_VECTORS = 'index.mapping.exclude_source_vectors';

interface Settings {
  readonly [index: string]: { readonly settings?: Readonly<Record<string, string>> };
}

/** @returns why `_reindex` may read other content than the stored content; undefined if it does not */
export async function whyAltered(cluster: Cluster, index: string): Promise<string | undefined> {
  const answer = await cluster.connection.json<Settings>({
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_settings`,
    query: { flat_settings: true },
    repeat: 'always',
  });
  const pipeline = answer[index]?.settings?.[DEFAULT_PIPELINE];
  if (pipeline !== undefined && pipeline !== '_none')
    return `searches of ${index} pass through the search pipeline ${pipeline} (${DEFAULT_PIPELINE}), and _reindex can't leave it out`;
  if (await leavesVectorsOut(cluster, index))
    return `${index} keeps vectors outside of _source (${EXCLUDE_VECTORS}), and twindex reads them itself`;
  return undefined;
}

/**
 * True if the stored `_source` lacks vectors. Elasticsearch (9.2 and later) then restores them from doc
 * values and term vectors, which rounds them.
 */
export async function leavesVectorsOut(cluster: Cluster, index: string): Promise<boolean> {
  return (
    readsVectorsOnDemand(cluster.engine) &&
    (await getEffectiveSetting(cluster, index, EXCLUDE_VECTORS)) === 'true'
  );
}

/** A number that grows with each change of the index's settings. */
export async function settingsVersion(cluster: Cluster, index: string): Promise<number | undefined> {
  const { metadata } = await cluster.connection.json<{
    metadata?: { indices?: Record<string, { settings_version?: number }> };
  }>({
    method: 'GET',
    path: `/_cluster/state/metadata/${encodeURIComponent(index)}`,
    query: { filter_path: 'metadata.indices.*.settings_version' },
    repeat: 'always',
  });
  return metadata?.indices?.[index]?.settings_version;
}
