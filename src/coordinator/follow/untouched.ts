// Documents of the leader that have not changed since its roles began.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { Replication } from '../../protocol/replication.js';
import { shardOf } from '../../protocol/shardOf.js';

/** Of what came from the source of truth the leader has an older state, until it is written there. */
export function untouchedUpTo(
  key: DocumentKey,
  { leader, roleStart, sourceOfTruth, backfilled }: Replication,
): number {
  const shard = shardOf(key, leader);
  return Math.max(roleStart[shard] ?? -1, sourceOfTruth?.isForward ? (backfilled[shard] ?? -1) : -1);
}
