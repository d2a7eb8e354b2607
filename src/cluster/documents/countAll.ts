// How many documents an index has, also where it is seldom or never refreshed by itself: then a search finds less, or nothing. It is
// not refreshed for that, as that would show its readers what they are not to see yet; a flush shows them nothing.
import type { Cluster } from '../cluster.js';
import { countDocuments } from './countDocuments.js';
import { flush } from '../indices/flush.js';
import { refreshInterval } from '../indices/refreshInterval.js';

/** With a shorter interval, what a search has not seen yet is too little to matter in an estimate. */
const SELDOM_MS = 60_000;

/** Of an index that is refreshed less than once a minute, nested documents are counted, too. */
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
