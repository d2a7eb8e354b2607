// Which parts of which shards are still to be copied: windows of `_seq_no`, several at a time, and what is confirmed of
// them. Pure.
import type { SeqNoRange } from '../../documents/seqNoRange.js';
import { operationsAfter } from '../follow/operationsAfter.js';

/**
 * How long a window should take at the rate that is allowed. When a copy is interrupted, its windows are copied again: this is what an
 * interruption costs, and what is confirmed but not saved yet comes on top of it.
 */
export const TARGET_MS = 4_000;
/** Nothing is known yet of the size of the documents. */
const FIRST_SPAN = 1_000;
/** Below it, beginning and confirming a window would take longer than copying it. Where a rate is given, that decides. */
const LEAST_SPAN = 100;
/** What is left is not shared out in smaller pieces, however many could be copied at the same time. */
const LEAST_SHARE = 1_000;
const MOST_SPAN = 5_000_000;
const GROWTH = 4;
/**
 * A document may have been written many times, and is copied once. More operations for a document are not counted on: what follows may
 * be documents that were written once.
 */
const MOST_OPERATIONS_PER_DOCUMENT = 4;
/** A window that takes longer is shared with whoever has nothing left to do. */
export const LATE_MS = 8 * TARGET_MS;
/** A window whose rest would take longer is ended, and cut: an interruption would cost too much. */
export const TOO_LONG_MS = 2 * TARGET_MS;

export class Windows {
  /** By shard: up to where windows were handed out. */
  readonly #handedOut: number[];
  readonly #end: readonly number[];
  readonly #cursors: number[];
  /** By shard: confirmed, but not below what comes before them. */
  readonly #ahead: SeqNoRange[] = [];
  readonly #again: SeqNoRange[] = [];
  #span = FIRST_SPAN;
  /** Of the last window. */
  #operationsPerDocument = 1;

  /** @param cursors by shard: confirmed before. @param end by shard: the last `_seq_no` to be copied */
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

  /** The same with these to be copied again; what becomes of this one changes nothing in it. */
  without(running: readonly SeqNoRange[]): Windows {
    const copy = new Windows(this.#cursors, this.#end);
    for (const [shard, after] of this.#handedOut.entries()) copy.#handedOut[shard] = after;
    copy.#ahead.push(...this.#ahead);
    copy.#again.push(...this.#again, ...running);
    copy.#span = this.#span;
    copy.#operationsPerDocument = this.#operationsPerDocument;
    return copy;
  }

  /** Operations that are not confirmed yet. */
  get left(): number {
    const open = operationsAfter(this.#cursors, this.#end);
    return open - this.#ahead.reduce((sum, { after, upTo }) => sum + upTo - after, 0);
  }

  /**
   * The next window, of the shard that has most left: they end together.
   * @param slots how many are copied at the same time: the last ones share what is left
   * @param docsPerSecond that this window may be copied with
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

  /** Operations in which there are the documents that a rate allows in the target time. */
  #mostAt(docsPerSecond: number): number {
    if (docsPerSecond === Number.POSITIVE_INFINITY) return MOST_SPAN;
    return Math.max(1, Math.floor((docsPerSecond * TARGET_MS * this.#operationsPerDocument) / 1_000));
  }

  /** Windows may be shorter now than when it was handed out. */
  #firstPartOf(window: SeqNoRange, most: number): SeqNoRange {
    const end = window.after + most;
    if (end >= window.upTo) return window;
    this.#again.unshift({ ...window, after: end });
    return { ...window, upTo: end };
  }

  /**
   * It is on the follower, confirmed.
   * @param documents that were in it
   */
  done(window: SeqNoRange, tookMs: number, documents: number): void {
    this.#confirmed(window);
    const operations = window.upTo - window.after;
    const perDocument = operations / Math.max(1, documents);
    this.#operationsPerDocument = Math.min(MOST_OPERATIONS_PER_DOCUMENT, Math.max(1, perDocument));
    const factor = Math.min(GROWTH, Math.max(1 / GROWTH, TARGET_MS / Math.max(1, tookMs)));
    // a short one, from the end of a shard or of a rate that was lower, says little
    if (operations < this.#span / 2 && factor > 1) return;
    this.#span = Math.min(MOST_SPAN, Math.max(LEAST_SPAN, Math.round(operations * factor)));
  }

  /** A window was ended since it took too long: so many documents were copied in about the target time. */
  shorten(documents: number): void {
    this.#span = Math.min(this.#span, Math.max(LEAST_SPAN, documents));
  }

  /** It has to be copied again. */
  again(window: SeqNoRange): void {
    this.#again.push(window);
  }

  /**
   * It was ended before its end: up to the cursor it is on the follower, confirmed; the rest has to be copied again.
   * @param cursor the window's own beginning where nothing of it counts
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
