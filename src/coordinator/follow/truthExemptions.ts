// Decides which differences between the indexes are allowed, because the target was filled from the source of
// truth (source-of-truth exemptions). A document may be in only one index, differ in content, or be refused.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { Replication, SourceOfTruth } from '../../protocol/replication.js';
import { getDocs } from '../../documents/getDocs.js';
import type { Doc, Hit } from '../../documents/hits.js';
import { shardOf } from '../../protocol/shardOf.js';
import { isOfEpoch } from '../../protocol/stamp.js';
import type { RejectedEntry } from '../../journal/rejectedDocuments.js';
import { isNewInSource } from '../../protocol/ingestedVersion.js';

const KEYS_AT_ONCE = 1_000;

/** @param missing keys that the leader does not have @returns those that the follower must not have either */
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

/**
 * Whether the follower may have documents that the leader lacks. After the switch the source is the follower.
 * It has such documents only if `--prune` left them out of the target.
 */
const mayHaveAlone = (sourceOfTruth: SourceOfTruth | undefined): sourceOfTruth is SourceOfTruth =>
  sourceOfTruth !== undefined && (sourceOfTruth.isForward || sourceOfTruth.prune);

export function isExpectedExtra(
  { sourceOfTruth, epoch, follower }: Replication,
  doc: Doc | undefined,
): boolean {
  if (!mayHaveAlone(sourceOfTruth) || !doc?.found || doc.version === undefined) return false;
  if (!sourceOfTruth.isForward) return !isOfEpoch(doc.version, epoch);
  // While the target was the leader, the engine itself raised the versions of its documents. So a version
  // does not show whether the document came from the source of truth.
  const untouched =
    sourceOfTruth.switchedAt === undefined ||
    doc.seqNo <= (sourceOfTruth.switchedAt[shardOf(doc, follower)] ?? -1);
  return untouched && isNewInSource(doc.version, sourceOfTruth.firstStamp);
}

/** Whether the follower need not have the leader's document, because of the source of truth. */
export function isFromSourceOfTruth(
  replication: Replication,
  hit: Hit,
  doc: Doc | undefined,
  shard: number,
): boolean {
  const { sourceOfTruth, roleStart, backfilled } = replication;
  if (!sourceOfTruth) return false;
  // After the switch, the source gets only documents that were written since then.
  if (!sourceOfTruth.isForward) return hit.seqNo <= (roleStart[shard] ?? -1);
  if (hit.seqNo > (backfilled[shard] ?? -1)) return false;
  return doc?.found
    ? (doc.version ?? sourceOfTruth.firstStamp) < sourceOfTruth.firstStamp
    : sourceOfTruth.prune;
}

/**
 * @returns the refused documents that may be copied from the leader. A document that came from the source of
 * truth may be copied only if it was written or deleted on the leader since the back-fill began.
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
