// The interface for copying windows. They are copied by the engine's `_reindex`, in pages by this process, or
// by workers. Copiers also count conflicts, dropped documents and busy answers in `replication.tally`.
import type { SeqNoRange } from '../../documents/seqNoRange.js';

export interface Copier {
  /** @returns the running copy @throws TwindexError */
  start(window: SeqNoRange, docsPerSecond: number): Promise<CopyRun>;
  /** Reads the progress of windows that other processes copy. Called repeatedly. */
  poll?(): Promise<void>;
}

export interface CopyRun {
  /** Documents so far: copied, dropped, refused, or in conflict. */
  readonly handled: number;
  /** Everything up to this `_seq_no` is written. Undefined if that is only known at the end. */
  readonly cursor?: number;
  /** Rejects with an error that ends the back-fill (`fenced`, `blocked`), or after which a new token is needed. */
  readonly ended: Promise<CopyOutcome>;
  /** @param docsPerSecond `Infinity` means no limit */
  pace(docsPerSecond: number): void;
  /** @param late set if the window takes too long: a free slot then copies a part of what is left of it */
  cancel(late?: 'late'): void;
}

export type CopyOutcome =
  | { readonly type: 'copied' }
  /** The copy ended early. Everything up to `cursor` is written. */
  | { readonly type: 'stopped'; readonly cursor: number }
  | { readonly type: 'failed'; readonly reason: string }
  /** This copier can't copy the window, even if it tries again. */
  | { readonly type: 'unable'; readonly reason: string };
