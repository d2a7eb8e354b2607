// The holds of this coordinator that ended without the switch. Each hold refuses writes for a moment, so the pause between
// two of them grows, a hold is never repeated for a reason that lasts, and after a number of tries a person has to look.
import { isTwindexError } from '../errors.js';

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

export class Holds {
  #inARow = 0;
  #lastingInARow = 0;
  #reason = '';
  #notBefore = Number.NEGATIVE_INFINITY;

  /** A hold has ended without the switch, or is to be taken for it until it is known how it has ended. */
  gaveUp(reason: string, lasting: Lasting, at: number): void {
    this.#inARow++;
    this.#lastingInARow = lasting === 'passing' ? 0 : this.#lastingInARow + 1;
    if (lasting === 'permanent') this.#lastingInARow = Math.max(this.#lastingInARow, MAX_HOLDS.lasting);
    this.#reason = reason;
    this.#notBefore = at + pauseAfter(this.#inARow);
  }

  /** The switch was made, or something else is asked for. */
  forget(): void {
    this.#inARow = 0;
    this.#lastingInARow = 0;
    this.#reason = '';
    this.#notBefore = Number.NEGATIVE_INFINITY;
  }

  get notBefore(): number {
    return this.#notBefore;
  }

  /** The last hold that was given up; undefined when there was none since the switch was asked for. */
  get last(): GivenUp | undefined {
    if (this.#inARow === 0) return undefined;
    const over = this.#inARow >= MAX_HOLDS.passing || this.#lastingInARow >= MAX_HOLDS.lasting;
    return { reason: this.#reason, holds: this.#inARow, over };
  }
}

export interface GivenUp {
  readonly reason: string;
  /** So many in a row. */
  readonly holds: number;
  /** There is to be no further one by itself. */
  readonly over: boolean;
}
