// The stamp of an operation: the external version that its copy has on the other index (docs/protocol.md, "The stamp").

const TERM = 1n << 40n; // sequence numbers of one term stay below
const EPOCH = 1n << 52n; // terms stay below 2^12

/**
 * `2 * (epoch * 2^52 + term * 2^40 + seqNo + 1)`. The lowest bit is free: a mirrored write in the target's own shape
 * sets it, to win over the translated copy of the same operation.
 */
export function stampOf(epoch: number, term: number, seqNo: number): bigint {
  return 2n * (BigInt(epoch) * EPOCH + BigInt(term) * TERM + BigInt(seqNo) + 1n);
}

/** A number of its own for each operation of a shard, below 2^52 while terms stay below 2^12. */
export function operationNumber(term: number, seqNo: number): number {
  return term * Number(TERM) + seqNo + 1;
}

/** Of the operation with this number. */
export function seqNoOf(operation: number): number {
  return (operation - 1) % Number(TERM);
}

/** The operation that an external version is the stamp of, whatever its lowest bit; undefined for another epoch's. */
export function operationOf(version: bigint, epoch: number): number | undefined {
  const stamp = version >> 1n;
  return stamp / EPOCH === BigInt(epoch) ? Number(stamp % EPOCH) : undefined;
}

/** The largest epoch whose stamps fit the engine's 63-bit versions. */
export const MAX_EPOCH = 1022;
