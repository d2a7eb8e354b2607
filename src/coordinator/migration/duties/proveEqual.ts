// Makes the count proof at the end of a hold (docs/protocol.md, "The switch"). The leader accepts no writes,
// and following has copied all documents of the leader. Equal counts then show that the follower has no
// further documents.
import { countDocuments } from '../../../cluster/documents/countDocuments.js';
import { refresh } from '../../../cluster/indices/refresh.js';
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import { IdComparison, missingWhileStill } from '../../follow/compareIds.js';
import { followerIndex } from '../../../protocol/record.js';
import { reconcilesIds } from '../../../protocol/replication.js';
import { Confirmation } from '../../../protocol/confirm.js';
import { WHERE_TO_LOOK } from '../../verify/secondCheck.js';
import type { Session } from '../session.js';

export type Proof =
  | {
      readonly type: 'equal';
      /** For each shard of the follower: its `max_seq_no` at the proof. */
      readonly returnCursors: readonly number[];
    }
  /** `lasting`: another hold would fail in the same way. */
  | { readonly type: 'unproved'; readonly reason: string; readonly lasting?: boolean };

const TRIES = 5;
/** Minimum time to look for late copies, even if the write pause is nearly over: the proof needs it. */
const LATE_MS = 500;

/** The return cursors if the indexes are equal. `extra`: they differ. `again`: the attempt has to be repeated. */
type Result = readonly number[] | 'extra' | 'again';

/** @param left returns for how many more ms the writers may wait */
export async function proveEqual(session: Session, left: () => number): Promise<Proof> {
  const { record } = session;
  const rejected = await session.rejected();
  let followed = false;
  for (let attempt = 0; attempt < TRIES && left() > 0; attempt++) {
    if (!followed && !(await followToTheEnd(session, left))) break;
    followed = true;
    // Repeat the deletes in the ledger in any case: if a delayed copy of a deleted document arrives later, it
    // finds a tombstone.
    if (!(await session.generations.resyncAll())) {
      followed = false;
      continue;
    }
    if ((await session.countBlocking()) > 0) return unproved('documents were rejected in the last round');
    const byCount = !session.record.drops && session.tally.dropped === 0 && rejected.size === 0;
    const result = await (byCount ? compareCounts(session, left) : compareAllIds(session, left));
    if (result === 'again') followed = false;
    else if (result !== 'extra') return { type: 'equal', returnCursors: result };
    else if (byCount) {
      let found = await removeExtra(session, left, { still: true });
      // The quick comparison does not see an id that is on both indexes under different routings.
      if (found === 'none') found = await removeExtra(session, left, { still: false });
      if (found === 'none') {
        // No id is only on the follower, so the leader has more documents. Verification will repair this.
        session.effects.handle.stage({ verified: false });
        const reason = `${record.name}: the counts of the indexes differ: ${followerIndex(session.record)} lacks documents. All documents are verified again. ${WHERE_TO_LOOK}`;
        return { ...unproved(reason), lasting: true };
      }
      if (found === 'noTime') return unproved(TOO_LARGE);
    }
  }
  return unproved('there was not enough time');
}

const TOO_LARGE =
  'the counts differ because of deletes, and comparing all ids takes longer than the write pause allows: raise --max-write-pause';

const unproved = (reason: string): Extract<Proof, { type: 'unproved' }> => ({ type: 'unproved', reason });

async function followToTheEnd(session: Session, left: () => number): Promise<boolean> {
  const { leader } = await session.replication();
  while (left() > 0) {
    // Confirm all operations of the leader, so that they are within the round's upper bound.
    if (!(await (await Confirmation.begin(leader.cluster, leader)).confirm())) continue;
    const round = await session.follow({ budgetMs: left() });
    if (round.type === 'repeat') continue;
    session.effects.handle.stage({ cursors: round.cursors });
    const stats = await (await Confirmation.begin(leader.cluster, leader)).stats();
    if (stats.every((shard, n) => shard.maxSeqNo <= (round.cursors[n] ?? -1))) return true;
  }
  return false;
}

async function compareCounts(session: Session, left: () => number): Promise<Result> {
  const replication = await session.replication();
  const { leader, follower } = replication;
  let late = 'none' as 'removed' | 'none' | 'noTime';
  const result = await whileUnchanged(session, async () => {
    // The counts do not show that a late copy has replaced another document with the same id. So look for it.
    if (reconcilesIds(replication)) late = await removeLate(session, left);
    await Promise.all([refresh(leader.cluster, leader.index), refresh(follower.cluster, follower.index)]);
    const [ours, theirs] = await Promise.all([
      countDocuments(leader.cluster, leader.index),
      countDocuments(follower.cluster, follower.index),
    ]);
    return ours === theirs;
  });
  return late === 'none' ? result : 'again';
}

/** Used if documents were dropped or rejected, since equal counts prove nothing then. */
async function compareAllIds(session: Session, left: () => number): Promise<Result> {
  return await whileUnchanged(
    session,
    async () => (await removeExtra(session, left, { still: false })) === 'none',
  );
}

async function whileUnchanged(session: Session, isEqual: () => Promise<boolean>): Promise<Result> {
  const { follower } = await session.replication();
  const onFollower = await Confirmation.begin(follower.cluster, follower);
  const before = await onFollower.confirm();
  if (!before) return 'again';
  const equal = await isEqual();
  if (!equal) return 'extra';
  const after = await onFollower.confirm();
  if (!after || after.some((shard, n) => shard.maxSeqNo !== before[n]?.maxSeqNo)) return 'again';
  return after.map((shard) => shard.maxSeqNo);
}

/** @param still compare only known ids, which is faster. The caller must compare the counts again */
async function removeExtra(
  session: Session,
  left: () => number,
  { still }: { readonly still: boolean },
): Promise<'removed' | 'none' | 'noTime'> {
  const { ids } = await session.reconciler();
  const missing = await findExtra(session, left, still ? ids.knownKeys : undefined);
  if (!missing) return 'noTime';
  const removed = await ids.reconcile(missing);
  if (removed === 0) return 'none';
  // It is unknown how many were removed, so the caller has to search again.
  if (removed === undefined) return 'removed';
  const { evidence } = session.record;
  session.effects.handle.stage({
    evidence: { ...evidence, deletesReconciled: evidence.deletesReconciled + removed },
  });
  return 'removed';
}

/**
 * Undoes late copies: checks the documents that were written to the follower since the last comparison of
 * ids. Deletes need no search here: the follower has every document of the leader, so the counts show any
 * extra document.
 */
async function removeLate(session: Session, left: () => number): Promise<'removed' | 'none' | 'noTime'> {
  const { ids } = await session.reconciler();
  const comparison = new IdComparison(await session.replication(), ids.last?.seqNos);
  const missing = await comparison.slice(Math.max(left(), LATE_MS));
  if (!comparison.read) return 'noTime';
  return (await ids.reconcile(missing)) === 0 ? 'none' : 'removed';
}

async function findExtra(
  session: Session,
  left: () => number,
  known: Iterable<DocumentKey> | undefined,
): Promise<DocumentKey[] | undefined> {
  const replication = await session.replication();
  if (known) return await missingWhileStill(replication, known, left);
  const comparison = new IdComparison(replication);
  const missing = await comparison.slice(left());
  return comparison.read ? missing : undefined;
}
