// GET /INDEX/_settings/NAME: one setting of an index as it holds, set or by default.
import type { Cluster } from '../cluster.js';

type Layers = Partial<Record<'settings' | 'defaults', Record<string, string | string[]>>>;

/**
 * @param name in full: `index.mapping.exclude_source_vectors`
 * @returns undefined when the engine doesn't know it
 * @throws TwindexError
 */
export async function getEffectiveSetting(
  cluster: Cluster,
  index: string,
  name: string,
): Promise<string | undefined> {
  const indexes = await cluster.connection.json<Record<string, Layers>>({
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_settings/${encodeURIComponent(name)}`,
    query: { include_defaults: true, flat_settings: true },
    repeat: 'always',
  });
  const layers = indexes[index];
  const value = layers?.settings?.[name] ?? layers?.defaults?.[name];
  return value?.toString();
}
