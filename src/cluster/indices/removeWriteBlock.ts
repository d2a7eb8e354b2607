// PUT /INDEX/_settings: takes a write block off; nothing happens where there is none.
import type { Cluster } from '../cluster.js';
import { putSettings } from './putSettings.js';

export async function removeWriteBlock(cluster: Cluster, index: string): Promise<void> {
  await putSettings(cluster, index, { 'index.blocks.write': null });
}
