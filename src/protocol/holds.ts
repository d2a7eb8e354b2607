// The holds that ended without the switch, by whichever coordinator. Each hold refuses writes for a moment, so the pause between
// two of them grows, a hold is never repeated for a reason that lasts, and after a number of tries a person has to look. Pure.
import { isTwindexError } from '../errors.js';
import type { HoldsGivenUp } from './record.js';

/**
 * How long the reason of a failure is there. `passing`: it may be gone in a moment. `lasting`: it may be, but it is more likely
 * to be there again. `permanent`: the next try would end in the same way, unless somebody changes something.
 */
export type Lasting = 'passing' | 'lasting' | 'permanent';

/** The pause doubles with each hold: 3 s, 6 s, 12 s, ... */
const PAUSE_MS = { min: 3_000, max: 180_000 } as const;
/** Holds in a row before the switch is withdrawn; of `lasting`, holds in a row that ended for such a reason. */
export const MAX_HOLDS: Readonly<Record<Lasting, number>> = { passing: 10, lasting: 3, permanent: 1 };

export const pauseAfter = (holds: number): number => Math.min(PAUSE_MS.max, PAUSE_MS.min * 2 ** (holds - 1));

/** The engine, or what is on the way to it, is expected to answer otherwise before long. */
export function lastingOf(error: unknown): Lasting {
  if (isTwindexError(error, 'overloaded', 'unreachable', 'unanswered', 'blocked')) return 'passing';
  return isTwindexError(error) && error.code !== 'failed' ? 'permanent' : 'lasting';
}

/** A hold begins. Its coordinator may end with it, so it is counted before anything is refused. */
export const holdBegun = (holds: HoldsGivenUp): HoldsGivenUp => ({ ...holds, inARow: holds.inARow + 1 });

/** The hold that is counted was not made. A command that came during the hold has set the count to 0. */
export const holdNotMade = (holds: HoldsGivenUp): HoldsGivenUp => ({
  ...holds,
  inARow: Math.max(0, holds.inARow - 1),
});

/** The hold that is counted has ended without the switch. It counts, too, where a command during the hold has set the count to 0. */
export function holdGivenUp(holds: HoldsGivenUp, reason: string, lasting: Lasting): HoldsGivenUp {
  const counted = lasting === 'passing' ? 0 : holds.lastingInARow + 1;
  const lastingInARow = lasting === 'permanent' ? Math.max(counted, MAX_HOLDS.lasting) : counted;
  return { inARow: Math.max(1, holds.inARow), lastingInARow, reason };
}

/** The last hold that was given up; undefined when there was none since the switch was asked for. */
export function lastGivenUp({ inARow, lastingInARow, reason }: HoldsGivenUp): GivenUp | undefined {
  if (inARow === 0) return undefined;
  const over = inARow >= MAX_HOLDS.passing || lastingInARow >= MAX_HOLDS.lasting;
  return { reason: reason || 'the coordinator ended during the hold', holds: inARow, over };
}

export interface GivenUp {
  readonly reason: string;
  /** So many in a row. */
  readonly holds: number;
  /** There is to be no further one by itself. */
  readonly over: boolean;
}
