// GET /INDEX/_settings with defaults: the effective value of one setting. `/_settings/NAME` is not used: its
// defaults ignore which version of the engine created the index.
import type { Cluster } from '../cluster.js';

type Layers = Partial<Record<'settings' | 'defaults', Record<string, string | string[]>>>;

/**
 * @param name the full name: `index.mapping.exclude_source_vectors`
 * @returns undefined if the engine does not know the setting
 */
export async function getEffectiveSetting(
  cluster: Cluster,
  index: string,
  name: string,
): Promise<string | undefined> {
  const indexes = await cluster.connection.json<Record<string, Layers>>({
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_settings`,
    query: { include_defaults: true, flat_settings: true },
    repeat: 'always',
  });
  const layers = indexes[index];
  const value = layers?.settings?.[name] ?? layers?.defaults?.[name];
  return value?.toString();
}
