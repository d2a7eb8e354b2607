// PUT /INDEX/_settings: removes a write block, if there is one.
import type { Cluster } from '../cluster.js';
import { putSettings } from './putSettings.js';

export async function removeWriteBlock(cluster: Cluster, index: string): Promise<void> {
  await putSettings(cluster, index, { 'index.blocks.write': null });
}
