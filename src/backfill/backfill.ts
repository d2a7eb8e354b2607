// What fills the new index, whichever way: a slice at a time, until it is finished and the rest is followed.
import type { CopyResult } from './windowedCopy.js';

export interface Backfill {
  /** When the oldest of what is still written was begun (`performance.now()`); undefined: there is none. */
  readonly oldestAt: number | undefined;
  readonly finished: boolean;
  /** Copies for about so long. @throws what ends the copy */
  slice(budgetMs: number): Promise<CopyResult>;
  /** Ends what runs. @returns false when it is not known to have ended: something may still arrive */
  close(): Promise<boolean>;
}
