// GET /INDEX: the data stream that an index belongs to.
import type { Cluster } from '../cluster.js';

export async function findDataStream(cluster: Cluster, index: string): Promise<string | undefined> {
  const indexes = await cluster.connection.json<Record<string, { data_stream?: string }>>({
    method: 'GET',
    path: `/${encodeURIComponent(index)}`,
    query: { filter_path: '*.data_stream' },
    repeat: 'always',
  });
  return indexes[index]?.data_stream;
}
