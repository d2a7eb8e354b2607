// The interface for copying windows: by the engine's `_reindex`, in pages of this process, or by workers. A
// copier adds dropped documents, conflicts and busy answers to the replication's tally.
import type { SeqNoRange } from '../../documents/seqNoRange.js';

export interface Copier {
  /** Begins to copy. @returns the running copy @throws TwindexError */
  start(window: SeqNoRange, docsPerSecond: number): Promise<CopyRun>;
  /** Called repeatedly while windows are copied, to read the state of windows that other processes copy. */
  look?(): Promise<void>;
}

export interface CopyRun {
  /** How many documents were handled so far. */
  readonly handled: number;
  /** Everything up to this `_seq_no` is written. Undefined if that is only known at the end. */
  readonly cursor?: number;
  /** Rejects with an error that ends the whole copy (`fenced`, `blocked`) or that needs a new token. */
  readonly ended: Promise<CopyOutcome>;
  /** Sets the rate in documents/s. `Infinity` means without a limit. */
  pace(docsPerSecond: number): void;
  /**
   * Requests an early end. `ended` resolves when the run has ended.
   * @param late given when the window takes too long, so that a free slot copies a part of its rest
   */
  cancel(late?: 'late'): void;
}

export type CopyOutcome =
  | { readonly type: 'copied' }
  /** The run ended early, but everything up to `cursor` is written. */
  | { readonly type: 'stopped'; readonly cursor: number }
  | { readonly type: 'failed'; readonly reason: string }
  /** The window can't be copied in this way, and trying again does not help. */
  | { readonly type: 'unable'; readonly reason: string };
