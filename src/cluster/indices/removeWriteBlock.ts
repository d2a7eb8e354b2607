// PUT /INDEX/_settings: removes a write block; no effect when there is none.
import type { Cluster } from '../cluster.js';
import { putSettings } from './putSettings.js';

export async function removeWriteBlock(cluster: Cluster, index: string): Promise<void> {
  await putSettings(cluster, index, { 'index.blocks.write': null });
}
