// Keeps account of windows of `_seq_no`: which ranges of each shard are still to be copied, in flight, or
// confirmed. Pure.
import type { SeqNoRange } from '../../documents/seqNoRange.js';
import { operationsAfter } from '../follow/operationsAfter.js';

/**
 * How long a window should take at the allowed rate. An interruption costs this much work for each window in
 * flight. Windows that are confirmed but not saved yet are repeated, too.
 */
export const TARGET_MS = 4_000;
/** The size of the first window is small, since the size of the documents is not known yet. */
const FIRST_SPAN = 1_000;
/** Unless the rate is limited, no window is smaller: it would take longer to confirm it than to copy it. */
const LEAST_SPAN = 100;
/** The rest is not cut into smaller windows than this, even if more slots are free. */
const LEAST_SHARE = 1_000;
const MOST_SPAN = 5_000_000;
const GROWTH = 4;
/**
 * A document that was written many times is copied once, so a window may have more operations than documents.
 * The next window is planned with the ratio of the last one, but at most with this one: its documents may
 * have been written only once.
 */
const MOST_OPERATIONS_PER_DOCUMENT = 4;
/**
 * If a slot is free and no window is left, a window that has taken longer than this is ended. Its rest is cut
 * in two, so that the free slot copies a part.
 */
export const LATE_MS = 8 * TARGET_MS;
/** If the rest of a window takes longer than this, it is cut: an interruption would cost too much. */
export const TOO_LONG_MS = 2 * TARGET_MS;

interface ConfirmedWindow extends SeqNoRange {
  /** How many documents it contains. */
  readonly documents: number;
}

export class Windows {
  /** For each shard: the end of the last window that `next` has planned. */
  readonly #handedOut: number[];
  readonly #end: readonly number[];
  readonly #cursors: number[];
  /** Confirmed ranges that are not contiguous with the cursors yet. */
  readonly #ahead: ConfirmedWindow[] = [];
  readonly #again: SeqNoRange[] = [];
  #span = FIRST_SPAN;
  /** Operations per document in the last window. */
  #operationsPerDocument = 1;

  /** @param cursors the last confirmed `_seq_no` of each shard @param end the last `_seq_no` to copy */
  constructor(cursors: readonly number[], end: readonly number[]) {
    this.#cursors = [...cursors];
    this.#handedOut = [...cursors];
    this.#end = end;
  }

  /** For each shard: the `_seq_no` up to which everything is confirmed. */
  get cursors(): number[] {
    return [...this.#cursors];
  }

  get finished(): boolean {
    return this.#end.every((end, shard) => (this.#cursors[shard] ?? -1) >= end);
  }

  /** An independent copy, in which the running windows are to be copied again. */
  without(running: readonly SeqNoRange[]): Windows {
    const copy = new Windows(this.#cursors, this.#end);
    for (const [shard, after] of this.#handedOut.entries()) copy.#handedOut[shard] = after;
    copy.#ahead.push(...this.#ahead);
    copy.#again.push(...this.#again, ...running);
    copy.#span = this.#span;
    copy.#operationsPerDocument = this.#operationsPerDocument;
    return copy;
  }

  /** Number of operations that are not confirmed yet. */
  get left(): number {
    const open = operationsAfter(this.#cursors, this.#end);
    return open - this.#ahead.reduce((sum, { after, upTo }) => sum + upTo - after, 0);
  }

  /** Documents of confirmed windows above the cursors. A copy that begins at the cursors repeats them. */
  get documentsAhead(): number {
    return this.#ahead.reduce((sum, { documents }) => sum + documents, 0);
  }

  /**
   * The next window, from the shard with most operations left, so that all shards end together.
   * @param slots how many windows are copied at the same time; the last windows share the rest
   * @param docsPerSecond the rate at which this window may be copied
   */
  next(slots: number, docsPerSecond = Number.POSITIVE_INFINITY): SeqNoRange | undefined {
    const most = this.#mostAt(docsPerSecond);
    const again = this.#again.shift();
    if (again) return this.#firstPartOf(again, Math.min(most, this.#span));
    const left = this.#end.map((end, shard) => end - (this.#handedOut[shard] ?? -1));
    const longest = Math.max(...left);
    if (longest <= 0) return undefined;
    const shard = left.indexOf(longest);
    const share = Math.ceil(left.reduce((sum, one) => sum + Math.max(0, one), 0) / slots);
    const span = Math.min(longest, most, this.#span, Math.max(LEAST_SHARE, share));
    const after = this.#handedOut[shard] as number;
    this.#handedOut[shard] = after + span;
    return { shard, after, upTo: after + span };
  }

  /** How many operations a window may have, so that the rate allows its documents in the target time. */
  #mostAt(docsPerSecond: number): number {
    if (docsPerSecond === Number.POSITIVE_INFINITY) return MOST_SPAN;
    return Math.max(1, Math.floor((docsPerSecond * TARGET_MS * this.#operationsPerDocument) / 1_000));
  }

  /** Cuts a window that is copied again, if the size of windows was lowered since it was planned. */
  #firstPartOf(window: SeqNoRange, most: number): SeqNoRange {
    const end = window.after + most;
    if (end >= window.upTo) return window;
    this.#again.unshift({ ...window, after: end });
    return { ...window, upTo: end };
  }

  /** Called when the window is confirmed on the follower. @param documents how many it contains */
  done(window: SeqNoRange, tookMs: number, documents: number): void {
    this.#confirmed({ ...window, documents });
    const operations = window.upTo - window.after;
    const perDocument = operations / Math.max(1, documents);
    this.#operationsPerDocument = Math.min(MOST_OPERATIONS_PER_DOCUMENT, Math.max(1, perDocument));
    const factor = Math.min(GROWTH, Math.max(1 / GROWTH, TARGET_MS / Math.max(1, tookMs)));
    // A short window (at the end of a shard, or at a low rate) says too little to plan larger ones.
    if (operations < this.#span / 2 && factor > 1) return;
    this.#span = Math.min(MOST_SPAN, Math.max(LEAST_SPAN, Math.round(operations * factor)));
  }

  /** Called when a window took too long: `documents` of it were copied in about the target time. */
  shorten(documents: number): void {
    this.#span = Math.min(this.#span, Math.max(LEAST_SPAN, documents));
  }

  again(window: SeqNoRange): void {
    this.#again.push(window);
  }

  /**
   * Called when a window was ended early: up to the cursor it is confirmed, and the rest is copied again.
   * @param cursor the beginning of the window if nothing is confirmed
   * @param documents how many documents the confirmed part contains
   * @param pieces into how many windows the rest is cut
   */
  split(window: SeqNoRange, cursor: number, { documents = 0, pieces = 2 } = {}): void {
    const { shard, upTo } = window;
    let after = Math.min(upTo, Math.max(window.after, cursor));
    if (after > window.after) this.#confirmed({ ...window, upTo: after, documents });
    for (let left = pieces; after < upTo; left--) {
      const end = left <= 1 ? upTo : after + Math.ceil((upTo - after) / left);
      this.#again.push({ shard, after, upTo: end });
      after = end;
    }
  }

  #confirmed(window: ConfirmedWindow): void {
    this.#ahead.push(window);
    this.#ahead.sort((a, b) => a.after - b.after);
    for (let n = 0; n < this.#ahead.length; ) {
      const { shard, after, upTo } = this.#ahead[n] as ConfirmedWindow;
      if (after > (this.#cursors[shard] as number)) n++;
      else {
        this.#cursors[shard] = Math.max(upTo, this.#cursors[shard] as number);
        this.#ahead.splice(n, 1);
      }
    }
  }
}
