// The proof at the end of a hold (docs/protocol.md, "The switch"): following has finished while the first index takes
// no write, hence every live document of it is on the second; the counts are equal; hence the second has nothing else.
import { countDocuments } from '../cluster/operations/countDocuments.js';
import { refresh } from '../cluster/operations/refresh.js';
import { IdComparison } from '../follow/compareIds.js';
import { Confirmation } from '../follow/confirm.js';
import { now, type Session } from './session.js';

export type Proof =
  | {
      readonly type: 'equal' /** `max_seq_no` of the second index. */;
      readonly returnCursors: readonly number[];
    }
  | { readonly type: 'unproved'; readonly reason: string };

const TRIES = 4;

/** @param left ms that the writers may still wait */
export async function proveEqual(session: Session, left: () => number): Promise<Proof> {
  let reason = 'the indexes failed over';
  for (let attempt = 0; attempt < TRIES && left() > 0; attempt++) {
    if (!(await followToTheEnd(session, left)))
      return unproved('the last round of following did not end in time');
    if ((await session.rejected()).size > 0 && !session.record.options.dropRejected)
      return unproved('documents were rejected in the last round');
    const { record } = session;
    const rejected = (await session.rejected()).size;
    const byCount = !record.drops && session.tally.dropped === 0 && rejected === 0;
    const result = await (byCount ? compareCounts(session) : compareAllIds(session, left));
    if (result === 'again') continue;
    if (typeof result !== 'string') return { type: 'equal', returnCursors: result };
    reason = 'the second index has documents that the first has not';
    const found = await removeExtra(session, left);
    if (found !== 'removed') return unproved(found);
  }
  return unproved(reason);
}

const unproved = (reason: string): Proof => ({ type: 'unproved', reason });

async function followToTheEnd(session: Session, left: () => number): Promise<boolean> {
  const { first } = await session.direction();
  while (left() > 0) {
    const round = await session.follow({ budgetMs: left() });
    if (round.type === 'repeat') continue;
    session.effects.handle.stage({ cursors: round.cursors });
    const stats = await (await Confirmation.begin(session.cluster, first)).stats();
    if (stats.every((shard, n) => shard.maxSeqNo <= (round.cursors[n] ?? -1))) return true;
  }
  return false;
}

/** Count, then confirm: what was counted can't be undone, and nothing came in between. */
async function compareCounts(session: Session): Promise<readonly number[] | 'differ' | 'again'> {
  const { cluster, first, second } = await session.direction();
  const onSecond = await Confirmation.begin(cluster, second);
  const before = await onSecond.confirm();
  if (!before) return 'again';
  await Promise.all([refresh(cluster, first.index), refresh(cluster, second.index)]);
  const [ours, theirs] = await Promise.all([
    countDocuments(cluster, first.index),
    countDocuments(cluster, second.index),
  ]);
  const after = await onSecond.confirm();
  if (!after || after.some((shard, n) => shard.maxSeqNo !== before[n]?.maxSeqNo)) return 'again';
  return ours === theirs ? after.map((shard) => shard.maxSeqNo) : 'differ';
}

/** Where a transform drops documents the counts prove nothing: every id of the second index must be on the first. */
async function compareAllIds(
  session: Session,
  left: () => number,
): Promise<readonly number[] | 'differ' | 'again'> {
  const { cluster, second } = await session.direction();
  const onSecond = await Confirmation.begin(cluster, second);
  const before = await onSecond.confirm();
  if (!before) return 'again';
  const found = await removeExtra(session, left);
  if (found === 'removed') return 'again';
  if (found !== 'none') return 'differ';
  const after = await onSecond.confirm();
  if (!after || after.some((shard, n) => shard.maxSeqNo !== before[n]?.maxSeqNo)) return 'again';
  return after.map((shard) => shard.maxSeqNo);
}

/** Compares all ids, if there is time for it. @returns `removed`, `none`, or why it could not be done */
async function removeExtra(
  session: Session,
  left: () => number,
): Promise<'removed' | 'none' | (string & {})> {
  const upkeep = await session.upkeep();
  const comparison = new IdComparison(await session.direction());
  const began = now();
  const missing = await comparison.slice(left());
  if (!comparison.done)
    return `comparing the ids takes longer than the write pause allows (${Math.round(now() - began)} ms were not enough); raise --max-write-pause, or route the writers through the gateway`;
  if (missing.length === 0) return 'none';
  const removed = await upkeep.reconcile(missing);
  if (removed === 0) return 'none';
  const { evidence } = session.record;
  session.effects.handle.stage({
    evidence: { ...evidence, deletesReconciled: evidence.deletesReconciled + removed },
  });
  return 'removed';
}
