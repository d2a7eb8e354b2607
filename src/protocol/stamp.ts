// Computes the stamp of an operation: the external version of its copy on the follower (docs/protocol.md).

const TERM = 1n << 40n; // every sequence number is below this
const EPOCH = 1n << 52n;
const RECONCILED = 1n << 51n;
/** Larger primary terms would use the bit that marks reconciled versions. */
export const MAX_TERM = 2 ** 11 - 1;

/**
 * The lowest bit stays free. A mirrored write in the follower's own shape sets it, and so wins over the
 * translated copy of the same operation.
 */
export function stampOf(epoch: number, term: number, seqNo: number): bigint {
  return 2n * (BigInt(epoch) * EPOCH + BigInt(term) * TERM + BigInt(seqNo) + 1n);
}

/**
 * The version of a document that was reconciled (docs/protocol.md, "Routing"). It is above every stamp of its
 * epoch, and grows with each operation of any shard.
 * @param operations the sum of `max_seq_no + 1` over all shards of the leader
 */
export function reconciledVersion(epoch: number, operations: number): bigint {
  return 2n * (BigInt(epoch) * EPOCH + RECONCILED + BigInt(operations));
}

export const isReconciled = (version: bigint): boolean => ((version >> 1n) & RECONCILED) !== 0n;

export const isOfEpoch = (version: bigint, epoch: number): boolean =>
  (version >> 1n) / EPOCH === BigInt(epoch);

/** Stamps of real shards are below both limits. A client's own large versions usually exceed one of them. */
const LIKELY_TERMS = 1n << 10n;
const LIKELY_OPERATIONS = 1n << 36n;

/**
 * @returns the epoch of a version that looks like a stamp, even if it was rounded, or raised by later writes;
 * undefined for a client's own version
 */
export function likelyEpoch(version: number): number | undefined {
  if (!Number.isFinite(version)) return undefined;
  const stamp = BigInt(Math.trunc(version)) >> 1n;
  const epoch = Number(stamp / EPOCH);
  const rest = stamp % EPOCH;
  const isOurs =
    (rest & RECONCILED) !== 0n
      ? rest - RECONCILED < LIKELY_OPERATIONS
      : rest / TERM < LIKELY_TERMS && rest / TERM > 0n && rest % TERM < LIKELY_OPERATIONS;
  return epoch >= 1 && epoch <= MAX_EPOCH && isOurs ? epoch : undefined;
}

/** @returns a number for each operation of a shard, below 2^51 as long as terms stay below 2^11 */
export function operationNumber(term: number, seqNo: number): number {
  return term * Number(TERM) + seqNo + 1;
}

export function seqNoOf(operation: number): number {
  return (operation - 1) % Number(TERM);
}

/** @returns the `operationNumber` of a stamp, without its lowest bit; undefined for any other version */
export function operationOf(version: bigint, epoch: number): number | undefined {
  if (!isOfEpoch(version, epoch) || isReconciled(version)) return undefined;
  return Number((version >> 1n) % EPOCH);
}

/** Stamps of larger epochs do not fit into the engine's 63-bit versions. */
export const MAX_EPOCH = 1022;
