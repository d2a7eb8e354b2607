// GET /_cluster/state/metadata: the primary terms. A shard's term grows with each fail-over, close and open.
import { TwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

/** One term for each shard, in the order of the shards. */
export async function primaryTerms(cluster: Cluster, index: string): Promise<number[]> {
  const answer = await cluster.connection.json<{
    metadata?: { indices?: Record<string, { primary_terms: Record<string, number> }> };
  }>({
    method: 'GET',
    path: `/_cluster/state/metadata/${encodeURIComponent(index)}`,
    query: { filter_path: 'metadata.indices.*.primary_terms' },
    repeat: 'always',
  });
  const terms = answer.metadata?.indices?.[index]?.primary_terms;
  if (!terms) throw new TwindexError('not_found', `index ${index} does not exist any more`);
  return Object.keys(terms)
    .map(Number)
    .sort((a, b) => a - b)
    .map((shard) => terms[shard] as number);
}
