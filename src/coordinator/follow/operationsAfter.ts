/** The number of operations above `from`, up to `to`. If `from` lacks a shard, all its operations count. */
export function operationsAfter(from: readonly number[], to: readonly number[]): number {
  return to.reduce((sum, seqNo, shard) => sum + Math.max(0, seqNo - (from[shard] ?? -1)), 0);
}
