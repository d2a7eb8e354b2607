// GET /INDEX/_settings: whether an index has a write block.
import type { Cluster } from '../cluster.js';

export async function hasWriteBlock(cluster: Cluster, index: string): Promise<boolean> {
  const answer = await cluster.connection.json<
    Record<string, { settings?: { index?: { blocks?: { write?: string } } } }>
  >({
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_settings`,
    query: { filter_path: '*.settings.index.blocks.write' },
    repeat: 'always',
  });
  return answer[index]?.settings?.index?.blocks?.write === 'true';
}
