// Keeps account of the windows of `_seq_no`: which parts of which shards are still to be copied, are in flight, or are confirmed.
// Pure.
import type { SeqNoRange } from '../../documents/seqNoRange.js';
import { operationsAfter } from '../follow/operationsAfter.js';

/**
 * How long a window should take at the allowed rate. This is the work that an interruption costs, since its windows are copied
 * again. Windows that are confirmed but not saved yet come on top of it.
 */
export const TARGET_MS = 4_000;
/** Small, since the size of the documents is not known yet. */
const FIRST_SPAN = 1_000;
/**
 * With fewer operations, beginning and confirming a window would take longer than copying it. A limit on the rate may still make
 * windows smaller.
 */
const LEAST_SPAN = 100;
/** The rest is not cut into smaller pieces than this, even if more slots are free. */
const LEAST_SHARE = 1_000;
const MOST_SPAN = 5_000_000;
const GROWTH = 4;
/**
 * A document that was written many times is copied once, so a window may contain more operations than documents. Windows are
 * planned with at most this many for each document, since the next documents may have been written once.
 */
const MOST_OPERATIONS_PER_DOCUMENT = 4;
/**
 * When a slot is free and no window is left to begin, a window that has taken longer than this is ended. The rest of it is cut
 * into two windows, one of which the free slot copies.
 */
export const LATE_MS = 8 * TARGET_MS;
/** A window whose rest would take longer than this is ended and cut, because an interruption would cost too much. */
export const TOO_LONG_MS = 2 * TARGET_MS;

export class Windows {
  /** By shard: the end of the last window that was handed out. */
  readonly #handedOut: number[];
  readonly #end: readonly number[];
  readonly #cursors: number[];
  /** Confirmed ranges that are not contiguous with the cursors yet. */
  readonly #ahead: SeqNoRange[] = [];
  readonly #again: SeqNoRange[] = [];
  #span = FIRST_SPAN;
  /** Measured in the last window. */
  #operationsPerDocument = 1;

  /** @param cursors by shard: already confirmed. @param end by shard: the last `_seq_no` to copy */
  constructor(cursors: readonly number[], end: readonly number[]) {
    this.#cursors = [...cursors];
    this.#handedOut = [...cursors];
    this.#end = end;
  }

  /** By shard: everything up to it is confirmed. */
  get cursors(): number[] {
    return [...this.#cursors];
  }

  get finished(): boolean {
    return this.#end.every((end, shard) => (this.#cursors[shard] ?? -1) >= end);
  }

  /** A copy, in which the running windows are to be copied again. It does not change when this object does. */
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

  /** How many operations contain the documents that the rate allows in the target time. */
  #mostAt(docsPerSecond: number): number {
    if (docsPerSecond === Number.POSITIVE_INFINITY) return MOST_SPAN;
    return Math.max(1, Math.floor((docsPerSecond * TARGET_MS * this.#operationsPerDocument) / 1_000));
  }

  /** Windows may have become shorter since this one was handed out. */
  #firstPartOf(window: SeqNoRange, most: number): SeqNoRange {
    const end = window.after + most;
    if (end >= window.upTo) return window;
    this.#again.unshift({ ...window, after: end });
    return { ...window, upTo: end };
  }

  /** The window is on the follower, confirmed. @param documents the number of documents in it */
  done(window: SeqNoRange, tookMs: number, documents: number): void {
    this.#confirmed(window);
    const operations = window.upTo - window.after;
    const perDocument = operations / Math.max(1, documents);
    this.#operationsPerDocument = Math.min(MOST_OPERATIONS_PER_DOCUMENT, Math.max(1, perDocument));
    const factor = Math.min(GROWTH, Math.max(1 / GROWTH, TARGET_MS / Math.max(1, tookMs)));
    // A short window, at the end of a shard or at a lower rate, is a bad measure.
    if (operations < this.#span / 2 && factor > 1) return;
    this.#span = Math.min(MOST_SPAN, Math.max(LEAST_SPAN, Math.round(operations * factor)));
  }

  /** A window was ended because it took too long. This many documents were copied in about the target time. */
  shorten(documents: number): void {
    this.#span = Math.min(this.#span, Math.max(LEAST_SPAN, documents));
  }

  again(window: SeqNoRange): void {
    this.#again.push(window);
  }

  /**
   * The window was ended early. Up to the cursor it is on the follower, confirmed; the rest has to be copied again.
   * @param cursor the beginning of the window if nothing of it counts
   * @param pieces into how many windows the rest is cut
   */
  split(window: SeqNoRange, cursor: number, pieces = 2): void {
    const { shard, upTo } = window;
    let after = Math.min(upTo, Math.max(window.after, cursor));
    if (after > window.after) this.#confirmed({ ...window, upTo: after });
    for (let left = pieces; after < upTo; left--) {
      const end = left <= 1 ? upTo : after + Math.ceil((upTo - after) / left);
      this.#again.push({ shard, after, upTo: end });
      after = end;
    }
  }

  #confirmed(window: SeqNoRange): void {
    this.#ahead.push(window);
    this.#ahead.sort((a, b) => a.after - b.after);
    for (let n = 0; n < this.#ahead.length; ) {
      const { shard, after, upTo } = this.#ahead[n] as SeqNoRange;
      if (after > (this.#cursors[shard] as number)) n++;
      else {
        this.#cursors[shard] = Math.max(upTo, this.#cursors[shard] as number);
        this.#ahead.splice(n, 1);
      }
    }
  }
}
