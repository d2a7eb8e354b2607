// Resync: writes the leader's present state of single documents to the follower. It is used for deletes,
// which following can't see, and for refused documents, which the follower may now accept.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import { Confirmation } from '../../protocol/confirm.js';
import { type Replication, noteRouting, type Refused, reconcilesIds } from '../../protocol/replication.js';
import { feed, type FeedOperation, type FeedOptions } from './feedWriter.js';
import { getDocs } from '../../documents/getDocs.js';
import { reconcile } from './reconcile.js';
import type { Doc } from '../../documents/hits.js';
import { shape } from './followRange.js';
import { shardOf } from '../../protocol/shardOf.js';
import { stampOf } from '../../protocol/stamp.js';
import { untouchedUpTo } from './untouched.js';

const KEYS_AT_ONCE = 500;
const TRIES = 5;

export interface ResyncResult {
  readonly refused: readonly Refused[];
  /** How many documents were deleted on the follower because the leader does not have them. */
  readonly deleted: number;
}

/**
 * Confirms its writes, since the caller then deletes its entry about the document in the ledger, or in the list
 * of rejected documents.
 * @returns undefined if an index failed over repeatedly
 */
export async function resync(
  replication: Replication,
  keys: readonly DocumentKey[],
  options: FeedOptions,
): Promise<ResyncResult | undefined> {
  noteRouting(replication, keys);
  const { follower } = replication;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const onFollower = await Confirmation.begin(follower.cluster, follower);
    const result = await resyncOnce(replication, keys, options);
    if (!result || (await onFollower.confirm())) return result;
  }
  return undefined;
}

async function resyncOnce(
  replication: Replication,
  keys: readonly DocumentKey[],
  options: FeedOptions,
): Promise<ResyncResult | undefined> {
  if (reconcilesIds(replication)) return await reconcile(replication, keys, options);
  const refused: Refused[] = [];
  let deleted = 0;
  for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) {
    const part = keys.slice(start, start + KEYS_AT_ONCE);
    const found = await readConfirmed(replication, part);
    if (!found) return undefined;
    refused.push(...found.refused, ...(await feed(replication, found.operations, options)));
    deleted += found.deleted;
  }
  return { refused, deleted };
}

/**
 * Reads the term and `max_seq_no` M of the shard before the GET. If the GET does not find the document, it was
 * deleted at M or before, and any later write has a larger stamp than M. M is confirmed first: otherwise the
 * GET might reach a replica that does not have all operations up to M, and miss an existing document.
 */
async function readConfirmed(
  replication: Replication,
  keys: readonly DocumentKey[],
): Promise<{ operations: FeedOperation[]; refused: Refused[]; deleted: number } | undefined> {
  const { leader } = replication;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const onLeader = await Confirmation.begin(leader.cluster, leader);
    const before = await onLeader.confirm();
    if (!before) continue;
    const docs = await getDocs(leader.cluster, leader.index, keys, { source: true });
    if (!(await onLeader.confirm())) continue;

    const live = await withoutOlder(
      replication,
      docs.filter((doc) => doc.found),
    );
    const { operations, refused } = await shape(replication, live);
    let deleted = 0;
    for (const [n, key] of keys.entries()) {
      const doc = docs[n];
      if (doc?.found && !leftBehind(key, doc, replication)) continue;
      const shard = shardOf(key, leader);
      const version = stampOf(
        replication.epoch,
        onLeader.terms[shard] as number,
        before[shard]?.maxSeqNo ?? -1,
      );
      operations.push({ key, version, source: undefined });
      deleted++;
    }
    return { operations, refused, deleted };
  }
  return undefined;
}

/**
 * Leaves out documents that the follower has, and that have not changed on the leader since the roles were
 * exchanged. The follower's document may have more fields than a translation of the leader's.
 */
async function withoutOlder(replication: Replication, docs: readonly Doc[]): Promise<readonly Doc[]> {
  const { follower, sourceOfTruth } = replication;
  const older = docs.filter((doc) => doc.seqNo <= untouchedUpTo(doc, replication));
  if (older.length === 0) return docs;
  const theirs = await getDocs(follower.cluster, follower.index, older, { source: false });
  const there = new Set(older.filter((doc, n) => theirs[n]?.found && theirs[n]?.routing === doc.routing));
  // Documents that `--prune` left out are not copied.
  const leftOut = new Set(sourceOfTruth?.isForward && sourceOfTruth.prune ? older : []);
  return docs.filter((doc) => !there.has(doc) && !leftOut.has(doc));
}

/** Whether the new routing leads to another shard of the follower, so that the old copy is not replaced. */
function leftBehind(key: DocumentKey, doc: Doc, { follower }: Replication): boolean {
  return doc.routing !== key.routing && shardOf(key, follower) !== shardOf(doc, follower);
}
