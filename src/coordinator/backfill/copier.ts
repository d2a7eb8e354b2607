// Copies one window: either the engine does it, or documents are read and written in pages. The copier adds dropped documents,
// conflicts and busy answers to the replication's tally.
import type { SeqNoRange } from '../../documents/seqNoRange.js';

export interface Copier {
  /** Begins to copy, and returns once the copy is running. @throws TwindexError */
  start(window: SeqNoRange, docsPerSecond: number): Promise<CopyRun>;
  /** Called repeatedly while windows are copied: reads the state of windows that other processes copy. */
  look?(): Promise<void>;
}

/** A window that is being copied. */
export interface CopyRun {
  /** How many documents were handled so far. */
  readonly handled: number;
  /** Everything up to this `_seq_no` is written; undefined when that is only known at the end. */
  readonly cursor?: number;
  /** Rejects with an error that ends the whole copy (`fenced`, `blocked`), or that needs a new token. */
  readonly ended: Promise<CopyOutcome>;
  /** Sets the rate in documents a second; infinite: as fast as possible. */
  pace(docsPerSecond: number): void;
  /**
   * Requests an early end. `ended` resolves when the run has ended.
   * @param late the window takes too long, and its rest is given to another copier
   */
  cancel(late?: 'late'): void;
}

export type CopyOutcome =
  | { readonly type: 'copied' }
  /** Ended early, but everything up to `cursor` is written. */
  | { readonly type: 'stopped'; readonly cursor: number }
  | { readonly type: 'failed'; readonly reason: string }
  /** The window can't be copied in this way, even if it is tried again. */
  | { readonly type: 'unable'; readonly reason: string };
