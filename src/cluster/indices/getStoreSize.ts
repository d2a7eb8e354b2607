// GET /INDEX/_stats/store: bytes on disk of an index.
import type { Cluster } from '../cluster.js';

export interface StoreSize {
  readonly primaryBytes: number;
  readonly totalBytes: number;
}

type Level = Record<'primaries' | 'total', { store?: { size_in_bytes?: number } }>;

/** @throws TwindexError `blocked` or `rejected` if the index is closed */
export async function getStoreSize(cluster: Cluster, index: string): Promise<StoreSize> {
  const { _all } = await cluster.connection.json<{ _all?: Partial<Level> }>({
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_stats/store`,
    query: { filter_path: '_all.*.store.size_in_bytes' },
    repeat: 'always',
  });
  return {
    primaryBytes: _all?.primaries?.store?.size_in_bytes ?? 0,
    totalBytes: _all?.total?.store?.size_in_bytes ?? 0,
  };
}
