// What may differ between the indexes since it came from the source of truth: documents that one of them has alone, that
// have another content, or were refused.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { Direction, Truth } from '../../protocol/replication.js';
import { getDocs } from '../../documents/getDocs.js';
import type { Doc, Hit } from '../../documents/hits.js';
import { shardOf } from '../../protocol/shardOf.js';
import { isOfEpoch } from '../../protocol/stamp.js';
import type { RejectedEntry } from '../../journal/rejectedDocuments.js';
import { wasNew } from '../../protocol/ingestedVersion.js';

const KEYS_AT_ONCE = 1_000;

/** Of documents that the first index does not have: those that the second may not have either. */
export async function withoutRightful(
  direction: Direction,
  missing: readonly DocumentKey[],
): Promise<readonly DocumentKey[]> {
  const { second, truth } = direction;
  if (!mayHaveAlone(truth)) return missing;
  const extra: DocumentKey[] = [];
  for (let start = 0; start < missing.length; start += KEYS_AT_ONCE) {
    const keys = missing.slice(start, start + KEYS_AT_ONCE);
    const docs = await getDocs(second.cluster, second.index, keys, { source: false });
    extra.push(...keys.filter((_, n) => !isRightful(direction, docs[n])));
  }
  return extra;
}

/** On the way back, only a document that was left out can be on the source alone, and rightly. */
const mayHaveAlone = (truth: Truth | undefined): truth is Truth =>
  truth !== undefined && (truth.forth || truth.prune);

/** Whether the second index may have this document, although the first does not. */
export function isRightful({ truth, epoch, second }: Direction, doc: Doc | undefined): boolean {
  if (!mayHaveAlone(truth) || !doc?.found || doc.version === undefined) return false;
  if (!truth.forth) return !isOfEpoch(doc.version, epoch);
  // a version that the target has given itself, while it was first, says nothing
  const untouched =
    truth.switchedAt === undefined || doc.seqNo <= (truth.switchedAt[shardOf(doc, second)] ?? -1);
  return untouched && wasNew(doc.version, truth.firstStamp);
}

/** The second index has it from the source of truth, or rightly does not have it, and the first an older state. */
export function isFromTruth(direction: Direction, hit: Hit, doc: Doc | undefined, shard: number): boolean {
  const { truth, roleStart, backfilled } = direction;
  if (!truth) return false;
  // on the way back the source has only what was written since
  if (!truth.forth) return hit.seqNo <= (roleStart[shard] ?? -1);
  if (hit.seqNo > (backfilled[shard] ?? -1)) return false;
  return doc?.found ? (doc.version ?? truth.firstStamp) < truth.firstStamp : truth.prune;
}

/**
 * Of refused documents: those that may be brought from the first index. What the source of truth gave is not replaced by an
 * older state: only by what was written to the document since back-fill began, or when it was deleted.
 */
export async function retryable(
  direction: Direction,
  entries: readonly RejectedEntry[],
): Promise<readonly RejectedEntry[]> {
  const { first, truth, backfilled } = direction;
  if (!truth) return entries;
  const given = entries.filter(({ version }) => version < truth.firstStamp);
  const others = entries.filter(({ version }) => version >= truth.firstStamp);
  if (!truth.forth || given.length === 0) return others;
  const keys = given.map(({ key }) => key);
  const docs = await getDocs(first.cluster, first.index, keys, { source: false });
  const moved = given.filter(({ key, version }, n) => {
    const doc = docs[n];
    if (!doc?.found) return !wasNew(version, truth.firstStamp);
    return doc.seqNo > (backfilled[shardOf(key, first)] ?? -1);
  });
  return [...others, ...moved];
}
