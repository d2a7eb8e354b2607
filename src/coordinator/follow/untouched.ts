// Finds which documents of the leader have not changed since the roles were exchanged.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { Replication } from '../../protocol/replication.js';
import { shardOf } from '../../protocol/shardOf.js';

/**
 * @returns the `_seq_no` up to which the leader's documents count as unchanged. On the route `reingest` this
 * includes all operations of the back-fill, since the leader's documents are older than the ingested ones.
 */
export function untouchedUpTo(
  key: DocumentKey,
  { leader, roleStart, sourceOfTruth, backfilled }: Replication,
): number {
  const shard = shardOf(key, leader);
  return Math.max(roleStart[shard] ?? -1, sourceOfTruth?.isForward ? (backfilled[shard] ?? -1) : -1);
}
