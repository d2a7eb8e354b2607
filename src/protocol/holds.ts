// Counts the holds that ended without the switch. Writes are refused during each hold, so the pause before
// the next hold grows each time, and after too many holds a person has to decide. Pure.
import { isTwindexError } from '../errors.js';
import type { HoldsGivenUp } from './record.js';

/**
 * How long the reason for a failed hold probably lasts: not until the next hold (`passing`), at least until
 * the next hold (`lasting`), or until a person changes something (`permanent`).
 */
export type Lasting = 'passing' | 'lasting' | 'permanent';

const PAUSE_MS = { min: 3_000, max: 180_000 } as const;
/** After this many failed holds in a row, the coordinator makes no more holds until a command asks for it. */
export const MAX_HOLDS: Readonly<Record<Lasting, number>> = { passing: 10, lasting: 3, permanent: 1 };

export const pauseAfter = (holds: number): number => Math.min(PAUSE_MS.max, PAUSE_MS.min * 2 ** (holds - 1));

/** Errors whose cause somebody may remove while the migration runs. */
const MENDED_FROM_OUTSIDE = [
  'failed',
  'too_many_rejected',
  'source_failed',
  'hook_failed',
  'timed_out',
] as const;

export function lastingOf(error: unknown): Lasting {
  if (isTwindexError(error, 'overloaded', 'unreachable', 'unanswered', 'blocked')) return 'passing';
  return isTwindexError(error) && !isTwindexError(error, ...MENDED_FROM_OUTSIDE) ? 'permanent' : 'lasting';
}

/** Call this before writes are refused, so that the hold counts even if the coordinator dies during it. */
export const holdBegun = (holds: HoldsGivenUp): HoldsGivenUp => ({ ...holds, inARow: holds.inARow + 1 });

/** Reverses `holdBegun` if no writes were refused. A command may have set the count to 0 meanwhile. */
export const holdNotMade = (holds: HoldsGivenUp): HoldsGivenUp => ({
  ...holds,
  inARow: Math.max(0, holds.inARow - 1),
});

/** Call this when a hold has ended without the switch. It counts even if a command has set the count to 0. */
export function holdGivenUp(holds: HoldsGivenUp, reason: string, lasting: Lasting): HoldsGivenUp {
  const counted = lasting === 'passing' ? 0 : holds.lastingInARow + 1;
  const lastingInARow = lasting === 'permanent' ? Math.max(counted, MAX_HOLDS.lasting) : counted;
  return { inARow: Math.max(1, holds.inARow), lastingInARow, reason };
}

/** @returns the last hold that was given up; undefined if there was none since the switch was requested */
export function lastGivenUp({ inARow, lastingInARow, reason }: HoldsGivenUp): GivenUp | undefined {
  if (inARow === 0) return undefined;
  const over = inARow >= MAX_HOLDS.passing || lastingInARow >= MAX_HOLDS.lasting;
  return { reason: reason || 'the coordinator ended during the hold', holds: inARow, over };
}

export interface GivenUp {
  readonly reason: string;
  readonly holds: number;
  /** True if too many holds have failed, so that the coordinator starts no further hold by itself. */
  readonly over: boolean;
}
