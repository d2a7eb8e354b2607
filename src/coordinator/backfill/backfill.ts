// The interface of a back-fill. The coordinator calls `slice` repeatedly, and does other work in between.
import type { CopyResult } from './windowedCopy.js';
import type { Windows } from './windows.js';

export interface Backfill {
  /** When the oldest copy in flight began (`performance.now()`); undefined if there is none. */
  readonly oldestAt: number | undefined;
  readonly finished: boolean;
  /** Documents that count as progress, but that a copy from the record's cursors would copy again. */
  readonly unconfirmed: number;
  /** The windows that are not confirmed yet. The back-fill under the next token continues with them. */
  readonly left?: Windows;
  /** @throws errors that end the back-fill */
  slice(budgetMs: number): Promise<CopyResult>;
  /** Ends the copies in flight. @returns false if some of their writes may still arrive */
  close(): Promise<boolean>;
}
