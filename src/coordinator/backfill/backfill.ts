// The interface of a back-fill, which copies in slices. After its end, changes are followed.
import type { CopyResult } from './windowedCopy.js';
import type { Windows } from './windows.js';

export interface Backfill {
  /** When the oldest window in flight began (`performance.now()`); undefined when nothing is in flight. */
  readonly oldestAt: number | undefined;
  readonly finished: boolean;
  /** Documents that were reported as progress, but that a copy from the record's cursors would repeat. */
  readonly unconfirmed: number;
  /** The windows that are not confirmed yet. The copy under the next token continues with them. */
  readonly left?: Windows;
  /** Copies for about this long. @throws errors that end the copy */
  slice(budgetMs: number): Promise<CopyResult>;
  /** Ends the work in flight. @returns false if some of its writes may still arrive */
  close(): Promise<boolean>;
}
