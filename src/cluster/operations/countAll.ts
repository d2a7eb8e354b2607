// How many documents an index has, also where it is not refreshed by itself: then a search finds less, or nothing. It is not
// refreshed for that, as that would show its readers what they are not to see yet; a flush shows them nothing.
import type { Cluster } from '../cluster.js';
import { countDocuments } from './countDocuments.js';
import { flush } from './flush.js';
import { isNeverRefreshed } from './isNeverRefreshed.js';

/** Of an index that is never refreshed, nested documents are counted, too. */
export async function countAll(cluster: Cluster, index: string): Promise<number> {
  const found = await countDocuments(cluster, index);
  if (!(await isNeverRefreshed(cluster, index))) return found;
  await flush(cluster, index);
  const { _all } = await cluster.connection.json<{ _all?: { primaries?: { docs?: { count?: number } } } }>({
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_stats/docs`,
    query: { filter_path: '_all.primaries.docs.count' },
    repeat: 'always',
  });
  return Math.max(found, _all?.primaries?.docs?.count ?? 0);
}
