// GET /INDEX/_count: live documents that were written without a routing. As the last refresh shows them.
import { TwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

export async function countUnrouted(cluster: Cluster, index: string): Promise<number> {
  const answer = await cluster.connection.json<{ count: number; _shards: { failed: number } }>({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_count`,
    body: { query: { bool: { must_not: { exists: { field: '_routing' } } } } },
    repeat: 'always',
  });
  if (answer._shards.failed > 0)
    throw new TwindexError('overloaded', `${answer._shards.failed} shards of ${index} could not be counted`);
  return answer.count;
}
