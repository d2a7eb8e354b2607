// Documents of the first index that have not changed since its roles began.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { Direction } from '../../protocol/replication.js';
import { shardOf } from '../../protocol/shardOf.js';

/** Of what came from the source of truth the first index has an older state, until it is written there. */
export function untouchedUpTo(key: DocumentKey, { first, roleStart, truth, backfilled }: Direction): number {
  const shard = shardOf(key, first);
  return Math.max(roleStart[shard] ?? -1, truth?.forth ? (backfilled[shard] ?? -1) : -1);
}
