// State `movingReaders`: moves the readers to the follower (the cut-over), or back.
import { countDocuments } from '../../../cluster/documents/countDocuments.js';
import { refresh } from '../../../cluster/indices/refresh.js';
import { isTwindexError, messageOf } from '../../../errors.js';
import { other } from '../../../protocol/record.js';
import { moveReaders } from '../succession/aliasMoves.js';
import { searchAsGiven } from '../../../cluster/documents/searchAsGiven.js';
import { pathFor } from '../../../queries/recordedQuery.js';
import { lastingOf } from '../../../protocol/holds.js';
import type { Session } from '../session.js';
import { now } from '../../../clock.js';
import { nextMove } from '../../../protocol/states.js';
import { whyUnmovable } from '../recovery/whyUnmovable.js';
import type { Step } from '../step.js';

type Outcome =
  | { readonly type: 'moved'; readonly cursors: readonly number[] | undefined }
  | { readonly type: 'notYet'; readonly reason: string }
  | { readonly type: 'notNow'; readonly reason: string }
  /** The engine refused the alias call, and would refuse it again. */
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'unmovable'; readonly reason: string };

const TRIES = 5;
const WRITERS_MS = 2_000;
const ROUND_MS = 10_000;
const COMPARE_MS = 2_000;
const WARM_MS = 3_000;
const WARM_AT_ONCE = 4;

export const movingReaders: Step<'movingReaders', Outcome> = {
  async act(session) {
    const { record, effects, leader, follower } = session;
    const move = nextMove(record);
    if (move.type !== 'readers') return { type: 'notNow', reason: '' };
    const unmovable = await whyUnmovable(session);
    if (unmovable !== undefined) return { type: 'unmovable', reason: unmovable };
    const actions = moveReaders(record, move.to);
    if (move.to === record.leader) {
      return await moveBy(() => effects.aliases('moveReadersBack', actions), undefined);
    }
    if (!(await session.generations.waitUntilCopiesAreAwaited(WRITERS_MS))) {
      const { blocker } = session.generations.view;
      // A gateway that sends no copies would be waited for in vain. The state `mirroring` follows the
      // gateway's writes, and says why the readers stay.
      if (blocker !== undefined) return { type: 'notNow', reason: blocker };
      return {
        type: 'notYet',
        reason: 'not every gateway and client library waits yet until its writes are copied',
      };
    }
    if (move.to === 'target') await warmUp(session);
    // Search for missed deletes first. The next round then copies the writes that were made during the
    // search.
    await (await session.reconciler()).slice(COMPARE_MS, session.record.cursors);
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const began = now();
      const round = await session.follow({ budgetMs: ROUND_MS, unbounded: true });
      const lagMs = now() - began;
      if (round.type === 'repeat' || !round.caughtUp || lagMs > record.options.maxLagMs) continue;
      if (!(await session.generations.resyncAll())) continue;
      if ((await session.countBlocking()) > 0) return { type: 'notNow', reason: 'documents are rejected' };
      // Refresh, so that the readers see the documents of this round at once.
      await refresh(follower.cluster, follower.index);
      const [ours, theirs] = await Promise.all([
        countDocuments(leader.cluster, leader.index),
        countDocuments(follower.cluster, follower.index),
      ]);
      // A rough check, since writes continue: never move readers from a filled index to an empty one.
      if (theirs === 0 && ours > 0 && !record.drops)
        return { type: 'notNow', reason: `${follower.index} is empty, but ${leader.index} is not` };
      return await moveBy(() => effects.aliases('moveReaders', actions), round.cursors);
    }
    return { type: 'notNow', reason: `the lag stays above ${record.options.maxLagMs} ms` };
  },

  decide(record, outcome) {
    if (outcome.type === 'notYet') return { to: 'movingReaders', patch: { message: outcome.reason } };
    if (outcome.type === 'notNow') return { to: 'mirroring', patch: { message: outcome.reason } };
    if (outcome.type === 'unmovable') {
      const { reason } = outcome;
      return {
        to: 'mirroring',
        patch: { message: reason },
        refusal: { because: 'aliases', message: reason },
      };
    }
    if (outcome.type === 'refused') {
      const message =
        `the readers of ${record.name} stay on ${record[record.readers].index}, as the engine refused to move them: ` +
        `${outcome.reason}. It would refuse again, so twindex does not try again by itself`;
      return { to: 'mirroring', patch: { message }, refusal: { because: 'aliases', message } };
    }
    const readers = other(record.readers);
    const cursors = outcome.cursors ? { cursors: [...outcome.cursors] } : {};
    // The readers are back on the leader. The next move to the follower demands a new verification.
    const verified = readers === record.leader ? { verified: false } : {};
    return { to: 'mirroring', patch: { readers, ...cursors, ...verified } };
  },
};

/** @throws for transient errors, and if it is unknown whether the aliases were moved */
async function moveBy(move: () => Promise<void>, cursors: readonly number[] | undefined): Promise<Outcome> {
  try {
    await move();
    return { type: 'moved', cursors };
  } catch (error) {
    if (!isTwindexError(error) || error.code === 'fenced' || lastingOf(error) === 'passing') throw error;
    return { type: 'refused', reason: messageOf(error) };
  }
}

/** Runs the application's searches on the target to warm its caches. A rollback does not wait for this. */
async function warmUp(session: Session): Promise<void> {
  const { target, signal } = session;
  const queries = await session.queries();
  const end = now() + WARM_MS;
  let next = 0;
  const slots = Array.from({ length: WARM_AT_ONCE }, async () => {
    while (next < queries.length && now() < end) {
      const query = queries[next++] as (typeof queries)[number];
      await searchAsGiven(target.cluster, pathFor(query, target.index), query.body, signal);
    }
  });
  await Promise.all(slots);
}
