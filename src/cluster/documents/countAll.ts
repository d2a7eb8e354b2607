// Counts the documents of an index, including those that searches do not find yet because the index is seldom
// refreshed. The index is flushed instead of refreshed, since a refresh would show these documents to readers
// too early.
import type { Cluster } from '../cluster.js';
import { countDocuments } from './countDocuments.js';
import { flush } from '../indices/flush.js';
import { refreshInterval } from '../indices/refreshInterval.js';

/** With a shorter refresh interval, searches miss only a few documents, which do not matter. */
const SELDOM_MS = 60_000;

/**
 * Counts live documents. If the index is refreshed less than once a minute, the count includes nested
 * documents.
 */
export async function countAll(cluster: Cluster, index: string): Promise<number> {
  const found = await countDocuments(cluster, index);
  if ((await refreshInterval(cluster, index)) <= SELDOM_MS) return found;
  await flush(cluster, index);
  const { _all } = await cluster.connection.json<{ _all?: { primaries?: { docs?: { count?: number } } } }>({
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_stats/docs`,
    query: { filter_path: '_all.primaries.docs.count' },
    repeat: 'always',
  });
  return Math.max(found, _all?.primaries?.docs?.count ?? 0);
}
