// copying: back-fill, which is following from the beginning.
import type { RoundResult } from '../../follow/round.js';
import type { Session } from '../session.js';
import type { Step } from '../step.js';
import { followed } from './followed.js';

const SLICE_MS = 3_000;

export const copying: Step<'copying', RoundResult> = {
  async act(session: Session) {
    await session.generations.tend();
    const { record } = session;
    session.meter.begin('copy', record.documents, record.evidence.copied);
    if (record.paused || record.goal === 'aborted') return await session.idle();
    return await session.follow({ budgetMs: SLICE_MS });
  },

  decide(record, round) {
    if (record.goal === 'aborted') return { to: 'aborting', patch: {} };
    const patch = followed(record, round);
    return {
      to: round.type === 'confirmed' && round.caughtUp && !record.paused ? 'restoring' : 'copying',
      patch,
    };
  },
};
