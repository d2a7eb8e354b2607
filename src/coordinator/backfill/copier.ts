// What copies one window: the engine by itself, or pages that are read and written. What was dropped, was there already, or
// was too much for the engine at first it adds to the direction's tally.
import type { SeqNoRange } from '../../documents/seqNoRange.js';

export interface Copier {
  /** Begins to copy; returns once it is under way. @throws TwindexError */
  start(window: SeqNoRange, docsPerSecond: number): Promise<CopyRun>;
  /** Called again and again while windows are copied: looks what has become of those that others copy. */
  look?(): Promise<void>;
}

/** One window under way. */
export interface CopyRun {
  /** Documents that were handled so far. */
  readonly handled: number;
  /** Everything up to this `_seq_no` is written; undefined where that is known at the end only. */
  readonly cursor?: number;
  /** Rejects with what ends the whole copy (`fenced`, `blocked`), or has to be looked up under a new token. */
  readonly ended: Promise<CopyOutcome>;
  /** Documents a second from now on; infinite: as fast as it goes. */
  pace(docsPerSecond: number): void;
  /**
   * Asks it to end soon. `ended` tells when it has.
   * @param late it takes too long: somebody else is to have the rest
   */
  cancel(late?: 'late'): void;
}

export type CopyOutcome =
  | { readonly type: 'copied' }
  /** Before its end, but up to that `_seq_no` all is written. */
  | { readonly type: 'stopped'; readonly cursor: number }
  | { readonly type: 'failed'; readonly reason: string }
  /** It can't be copied like this, however often it is tried. */
  | { readonly type: 'unable'; readonly reason: string };
