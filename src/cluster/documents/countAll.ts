// Counts the documents of an index, even if it is seldom or never refreshed, so that a search sees too few. Such an index is not
// refreshed, since its readers would then see documents too early. It is flushed instead, which readers do not notice.
import type { Cluster } from '../cluster.js';
import { countDocuments } from './countDocuments.js';
import { flush } from '../indices/flush.js';
import { refreshInterval } from '../indices/refreshInterval.js';

/** With a shorter refresh interval, the documents that are not visible yet are too few to matter in an estimate. */
const SELDOM_MS = 60_000;

/** In an index that is refreshed less than once a minute, nested documents are counted, too. */
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
