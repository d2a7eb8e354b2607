// What may differ between the indexes since it came from the source of truth: documents that one of them has alone, that
// have another content, or were refused.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { Replication, SourceOfTruth } from '../../protocol/replication.js';
import { getDocs } from '../../documents/getDocs.js';
import type { Doc, Hit } from '../../documents/hits.js';
import { shardOf } from '../../protocol/shardOf.js';
import { isOfEpoch } from '../../protocol/stamp.js';
import type { RejectedEntry } from '../../journal/rejectedDocuments.js';
import { isNewInSource } from '../../protocol/ingestedVersion.js';

const KEYS_AT_ONCE = 1_000;

/** Of documents that the leader does not have: those that the follower may not have either. */
export async function withoutExpectedExtras(
  replication: Replication,
  missing: readonly DocumentKey[],
): Promise<readonly DocumentKey[]> {
  const { follower, sourceOfTruth } = replication;
  if (!mayHaveAlone(sourceOfTruth)) return missing;
  const extra: DocumentKey[] = [];
  for (let start = 0; start < missing.length; start += KEYS_AT_ONCE) {
    const keys = missing.slice(start, start + KEYS_AT_ONCE);
    const docs = await getDocs(follower.cluster, follower.index, keys, { source: false });
    extra.push(...keys.filter((_, n) => !isExpectedExtra(replication, docs[n])));
  }
  return extra;
}

/** On the way back, only a document that was left out can be on the source alone, and rightly. */
const mayHaveAlone = (sourceOfTruth: SourceOfTruth | undefined): sourceOfTruth is SourceOfTruth =>
  sourceOfTruth !== undefined && (sourceOfTruth.isForward || sourceOfTruth.prune);

/** Whether the follower may have this document, although the leader does not. */
export function isExpectedExtra(
  { sourceOfTruth, epoch, follower }: Replication,
  doc: Doc | undefined,
): boolean {
  if (!mayHaveAlone(sourceOfTruth) || !doc?.found || doc.version === undefined) return false;
  if (!sourceOfTruth.isForward) return !isOfEpoch(doc.version, epoch);
  // a version that the target has given itself, while it was the leader, says nothing
  const untouched =
    sourceOfTruth.switchedAt === undefined ||
    doc.seqNo <= (sourceOfTruth.switchedAt[shardOf(doc, follower)] ?? -1);
  return untouched && isNewInSource(doc.version, sourceOfTruth.firstStamp);
}

/** The follower has it from the source of truth, or rightly does not have it, and the leader an older state. */
export function isFromSourceOfTruth(
  replication: Replication,
  hit: Hit,
  doc: Doc | undefined,
  shard: number,
): boolean {
  const { sourceOfTruth, roleStart, backfilled } = replication;
  if (!sourceOfTruth) return false;
  // on the way back the source has only what was written since
  if (!sourceOfTruth.isForward) return hit.seqNo <= (roleStart[shard] ?? -1);
  if (hit.seqNo > (backfilled[shard] ?? -1)) return false;
  return doc?.found
    ? (doc.version ?? sourceOfTruth.firstStamp) < sourceOfTruth.firstStamp
    : sourceOfTruth.prune;
}

/**
 * Of refused documents: those that may be brought from the leader. What the source of truth gave is not replaced by an
 * older state: only by what was written to the document since back-fill began, or when it was deleted.
 */
export async function retryable(
  replication: Replication,
  entries: readonly RejectedEntry[],
): Promise<readonly RejectedEntry[]> {
  const { leader, sourceOfTruth, backfilled } = replication;
  if (!sourceOfTruth) return entries;
  const given = entries.filter(({ version }) => version < sourceOfTruth.firstStamp);
  const others = entries.filter(({ version }) => version >= sourceOfTruth.firstStamp);
  if (!sourceOfTruth.isForward || given.length === 0) return others;
  const keys = given.map(({ key }) => key);
  const docs = await getDocs(leader.cluster, leader.index, keys, { source: false });
  const moved = given.filter(({ key, version }, n) => {
    const doc = docs[n];
    if (!doc?.found) return !isNewInSource(version, sourceOfTruth.firstStamp);
    return doc.seqNo > (backfilled[shardOf(key, leader)] ?? -1);
  });
  return [...others, ...moved];
}
