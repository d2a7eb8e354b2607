// PUT /INDEX/_settings
import type { Cluster } from '../cluster.js';

/** Changes settings. The value `null` resets a setting to its default. */
export async function putSettings(cluster: Cluster, index: string, settings: object): Promise<void> {
  await cluster.connection.json({
    method: 'PUT',
    path: `/${encodeURIComponent(index)}/_settings`,
    body: settings,
    repeat: 'never',
  });
}
