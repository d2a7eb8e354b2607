// POST /INDEX/_refresh
import { TwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

/** Makes all operations that are acknowledged by now visible to searches, on all copies. */
export async function refresh(cluster: Cluster, index: string): Promise<void> {
  const answer = await cluster.connection.json<{ _shards: { failed: number } }>({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_refresh`,
    repeat: 'always',
  });
  if (answer._shards.failed > 0)
    throw new TwindexError(
      'overloaded',
      `${answer._shards.failed} shards of ${index} could not be refreshed`,
    );
}
