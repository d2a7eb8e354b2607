// GET /INDEX/_count: live documents (nested ones are not counted). The name must be an index: an alias may filter.
import { TwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

export async function countDocuments(cluster: Cluster, index: string): Promise<number> {
  const answer = await cluster.connection.json<{ count: number; _shards: { failed: number } }>({
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_count`,
    repeat: 'always',
  });
  if (answer._shards.failed > 0)
    throw new TwindexError('overloaded', `${answer._shards.failed} shards of ${index} could not be counted`);
  return answer.count;
}
