// Which documents of the leader have not changed since the roles began.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { Replication } from '../../protocol/replication.js';
import { shardOf } from '../../protocol/shardOf.js';

/**
 * @returns the `_seq_no` up to which the leader's documents count as unchanged. On the route `reingest` that includes the
 * back-fill, since the leader has older states of those documents.
 */
export function untouchedUpTo(
  key: DocumentKey,
  { leader, roleStart, sourceOfTruth, backfilled }: Replication,
): number {
  const shard = shardOf(key, leader);
  return Math.max(roleStart[shard] ?? -1, sourceOfTruth?.isForward ? (backfilled[shard] ?? -1) : -1);
}
