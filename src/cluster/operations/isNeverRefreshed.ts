// Whether an index is refreshed only when somebody asks for it (`index.refresh_interval: -1`).
import type { Cluster } from '../cluster.js';
import { getEffectiveSetting } from './getEffectiveSetting.js';

export async function isNeverRefreshed(cluster: Cluster, index: string): Promise<boolean> {
  const interval = await getEffectiveSetting(cluster, index, 'index.refresh_interval');
  return interval !== undefined && Number.parseFloat(interval) <= 0;
}
