// Counts holds that ended without the switch, over all coordinators. Each refuses writes for a moment. So the
// pause between holds grows, and after some holds, or if the reason lasts, a person has to decide. Pure.
import { isTwindexError } from '../errors.js';
import type { HoldsGivenUp } from './record.js';

/**
 * How long the reason of a failed hold lasts. `passing`: probably not until the next hold. `lasting`:
 * probably until the next hold. `permanent`: until somebody changes something.
 */
export type Lasting = 'passing' | 'lasting' | 'permanent';

/** The pause doubles with each hold: 3 s, 6 s, 12 s, ... */
const PAUSE_MS = { min: 3_000, max: 180_000 } as const;
/** Holds in a row before the switch is withdrawn. `lasting` counts only those with a lasting reason. */
export const MAX_HOLDS: Readonly<Record<Lasting, number>> = { passing: 10, lasting: 3, permanent: 1 };

export const pauseAfter = (holds: number): number => Math.min(PAUSE_MS.max, PAUSE_MS.min * 2 ** (holds - 1));

/** An error is `passing` if the engine, or the network, will probably answer otherwise soon. */
export function lastingOf(error: unknown): Lasting {
  if (isTwindexError(error, 'overloaded', 'unreachable', 'unanswered', 'blocked')) return 'passing';
  return isTwindexError(error) && error.code !== 'failed' ? 'permanent' : 'lasting';
}

/** Called when a hold begins, before writes are refused, since the coordinator may die during the hold. */
export const holdBegun = (holds: HoldsGivenUp): HoldsGivenUp => ({ ...holds, inARow: holds.inARow + 1 });

/** Called when a hold counted by `holdBegun` did not begin. A command may have reset the count meanwhile. */
export const holdNotMade = (holds: HoldsGivenUp): HoldsGivenUp => ({
  ...holds,
  inARow: Math.max(0, holds.inARow - 1),
});

/** Called when the hold ended without the switch. It counts even if a command has reset the count. */
export function holdGivenUp(holds: HoldsGivenUp, reason: string, lasting: Lasting): HoldsGivenUp {
  const counted = lasting === 'passing' ? 0 : holds.lastingInARow + 1;
  const lastingInARow = lasting === 'permanent' ? Math.max(counted, MAX_HOLDS.lasting) : counted;
  return { inARow: Math.max(1, holds.inARow), lastingInARow, reason };
}

/** @returns the last hold that was given up; undefined if there was none since the switch was asked for */
export function lastGivenUp({ inARow, lastingInARow, reason }: HoldsGivenUp): GivenUp | undefined {
  if (inARow === 0) return undefined;
  const over = inARow >= MAX_HOLDS.passing || lastingInARow >= MAX_HOLDS.lasting;
  return { reason: reason || 'the coordinator ended during the hold', holds: inARow, over };
}

export interface GivenUp {
  readonly reason: string;
  /** The number of holds in a row. */
  readonly holds: number;
  /** Whether the coordinator begins no further hold by itself. */
  readonly over: boolean;
}
