// The interface of a back-fill. The coordinator calls `slice` repeatedly, and does other work in between.
import type { CopyResult } from './windowedCopy.js';
import type { Windows } from './windows.js';

export interface Backfill {
  /** When the oldest window in flight began (`performance.now()`); undefined if there is none. */
  readonly oldestAt: number | undefined;
  readonly finished: boolean;
  /** The number of documents that are shown as copied, but that are copied again after a crash. */
  readonly unconfirmed: number;
  /** The windows that are not confirmed yet. The back-fill under the next token continues with them. */
  readonly left?: Windows;
  /** @throws errors that end the back-fill */
  slice(budgetMs: number): Promise<CopyResult>;
  /** Ends the copies in flight. @returns false if some of their writes may still arrive */
  close(): Promise<boolean>;
}
