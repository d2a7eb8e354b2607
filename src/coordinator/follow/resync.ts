// Brings single documents of the second index to the state of the first: for deletes, which following can't see, and
// for refused documents, which may be taken now.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import { Confirmation } from '../../protocol/confirm.js';
import { type Direction, noteRouting, type Refused, reconcilesIds } from '../../protocol/replication.js';
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
  /** Keys that the first index does not have: deleted on the second. */
  readonly deleted: number;
}

/**
 * Callers forget what they had noted of these documents: a refusal, an entry of the ledger. So what is written is confirmed on
 * the second index, and no fail-over takes it back.
 * @returns undefined when an index failed over again and again
 */
export async function resync(
  direction: Direction,
  keys: readonly DocumentKey[],
  options: FeedOptions,
): Promise<ResyncResult | undefined> {
  noteRouting(direction, keys);
  const { second } = direction;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const onSecond = await Confirmation.begin(second.cluster, second);
    const result = await resyncOnce(direction, keys, options);
    if (!result || (await onSecond.confirm())) return result;
  }
  return undefined;
}

async function resyncOnce(
  direction: Direction,
  keys: readonly DocumentKey[],
  options: FeedOptions,
): Promise<ResyncResult | undefined> {
  if (reconcilesIds(direction)) return await reconcile(direction, keys, options);
  const refused: Refused[] = [];
  let deleted = 0;
  for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) {
    const part = keys.slice(start, start + KEYS_AT_ONCE);
    const found = await readConfirmed(direction, part);
    if (!found) return undefined;
    refused.push(...found.refused, ...(await feed(direction, found.operations, options)));
    deleted += found.deleted;
  }
  return { refused, deleted };
}

/**
 * The order is what makes a delete's stamp right: first the term and `max_seq_no` M of the shard, then the GET. A
 * document that is missing then was deleted at M or before; whatever is indexed later has a larger stamp. M is confirmed
 * before the GET, which any copy may answer: one that lacks an operation below M would say missing of what is there.
 */
async function readConfirmed(
  direction: Direction,
  keys: readonly DocumentKey[],
): Promise<{ operations: FeedOperation[]; refused: Refused[]; deleted: number } | undefined> {
  const { first } = direction;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const onFirst = await Confirmation.begin(first.cluster, first);
    const before = await onFirst.confirm();
    if (!before) continue;
    const docs = await getDocs(first.cluster, first.index, keys, { source: true });
    if (!(await onFirst.confirm())) continue;

    const live = await withoutOlder(
      direction,
      docs.filter((doc) => doc.found),
    );
    const { operations, refused } = await shape(direction, live);
    let deleted = 0;
    for (const [n, key] of keys.entries()) {
      const doc = docs[n];
      if (doc?.found && !leftBehind(key, doc, direction)) continue;
      const shard = shardOf(key, first);
      const version = stampOf(direction.epoch, onFirst.terms[shard] as number, before[shard]?.maxSeqNo ?? -1);
      operations.push({ key, version, source: undefined });
      deleted++;
    }
    return { operations, refused, deleted };
  }
  return undefined;
}

/**
 * What has not changed since these roles began is left as the second index has it. That may be richer than what can be made
 * of it: the document as it was given there, in that index's own shape, before the roles were exchanged.
 */
async function withoutOlder(direction: Direction, docs: readonly Doc[]): Promise<readonly Doc[]> {
  const { second, truth } = direction;
  const older = docs.filter((doc) => doc.seqNo <= untouchedUpTo(doc, direction));
  if (older.length === 0) return docs;
  const theirs = await getDocs(second.cluster, second.index, older, { source: false });
  const there = new Set(older.filter((doc, n) => theirs[n]?.found && theirs[n]?.routing === doc.routing));
  // what was left out stays out
  const leftOut = new Set(truth?.forth && truth.prune ? older : []);
  return docs.filter((doc) => !there.has(doc) && !leftOut.has(doc));
}

/** The document has another routing now, and its copy under the new one does not take the place of the old copy. */
function leftBehind(key: DocumentKey, doc: Doc, { second }: Direction): boolean {
  return doc.routing !== key.routing && shardOf(key, second) !== shardOf(doc, second);
}
