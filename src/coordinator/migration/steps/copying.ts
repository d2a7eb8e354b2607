// State `copying`: makes the back-fill, up to the checkpoints at its beginning. Following copies later operations.
import { now } from '../../../clock.js';
import { type CopyLimit, type CopyPace, type MigrationRecord, UNLIMITED } from '../../../protocol/record.js';
import type { RoundResult } from '../../follow/round.js';
import type { Session } from '../session.js';
import type { Step } from '../step.js';
import { copyResumed } from '../duties/copyResumed.js';
import { followFields } from '../duties/wantedTarget.js';
import { followed } from './followed.js';

/** After each slice, the progress is staged, to be saved with the next heartbeat. */
const SLICE_MS = 1_000;

interface Outcome {
  readonly round: RoundResult;
  /** Why the engine itself can't copy the documents. */
  readonly unable?: string;
  readonly throttled?: string;
  readonly copyLimit?: CopyLimit;
  /** How fast the copy was; set when it is done. */
  readonly pace?: CopyPace | undefined;
}

export const copying: Step<'copying', Outcome> = {
  async act(session: Session) {
    await session.generations.reconcile();
    const { record } = session;
    if (session.meter.task !== 'copy')
      session.meter.begin('copy', record.documents, await copyResumed(session));
    if (record.paused || record.goal === 'aborted') {
      await session.stopCopy();
      return { round: await session.idle() };
    }
    const began = now();
    const outcome = await copySlice(session);
    if (!record.throttle.paused) session.pace.copiedFor(now() - began);
    return isDone(record, outcome) ? { ...outcome, pace: await session.pace.ofCopy(session) } : outcome;
  },

  decide(record, { pace, ...outcome }) {
    const { round, unable, throttled = '', copyLimit = UNLIMITED } = outcome;
    if (record.goal === 'aborted') return { to: 'aborting', patch: {} };
    if (unable !== undefined) {
      const message = `twindex copies the other documents itself, without _reindex: ${unable}`;
      return { to: 'copying', patch: { route: 'client', message } };
    }
    const done = isDone(record, outcome);
    const limits = { throttled, copyLimit };
    const patch = { ...followed(record, round), ...limits, ...(done && pace ? { copyPace: pace } : {}) };
    return { to: done ? 'restoring' : 'copying', patch, ...(record.paused && { needsYou: true }) };
  },
};

async function copySlice(session: Session): Promise<Outcome> {
  const { record } = session;
  await followFields(session);
  // Without this note, the coordinator would seem to hang.
  if (record.throttle.paused)
    session.note(`copying is paused. To continue: twindex throttle ${record.name} --resume`);
  const copy = await session.backfill();
  if (copy.finished) {
    session.meter.unconfirmed = 0;
    await session.throttle.stop();
    return { round: await session.follow({ budgetMs: SLICE_MS }) };
  }
  const result = await copy.slice(SLICE_MS);
  session.meter.unconfirmed = copy.unconfirmed;
  const { reason: throttled, limit: copyLimit } = session.throttle;
  if (result.type === 'copied') return { round: result.round, throttled, copyLimit };
  await session.stopCopy();
  return { round: session.nothingDone(), unable: result.reason };
}

function isDone({ paused }: MigrationRecord, { round }: Outcome): boolean {
  return round.type === 'confirmed' && round.caughtUp && !paused;
}
