/**
 * How many operations came after `from`, up to `to`: both are `_seq_no` by shard. A shard that `from` does not have counts from its
 * beginning.
 */
export function operationsAfter(from: readonly number[], to: readonly number[]): number {
  return to.reduce((sum, seqNo, shard) => sum + Math.max(0, seqNo - (from[shard] ?? -1)), 0);
}
