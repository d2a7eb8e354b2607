// What fills the new index, whichever way: a slice at a time, until it is finished and the rest is followed.
import type { CopyResult } from './windowedCopy.js';
import type { Windows } from './windows.js';

export interface Backfill {
  /** When the oldest of what is still written was begun (`performance.now()`); undefined: there is none. */
  readonly oldestAt: number | undefined;
  readonly finished: boolean;
  /** What is not confirmed now, for whoever goes on under the next token. */
  readonly left?: Windows;
  /** Copies for about so long. @throws what ends the copy */
  slice(budgetMs: number): Promise<CopyResult>;
  /** Ends what runs. @returns false when it is not known to have ended: something may still arrive */
  close(): Promise<boolean>;
}
