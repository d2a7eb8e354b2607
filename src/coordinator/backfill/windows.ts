// Keeps account of the windows of a back-fill: which `_seq_no` are left, in flight, or confirmed. Pure.
import type { SeqNoRange } from '../../documents/seqNoRange.js';
import { operationsAfter } from '../follow/operationsAfter.js';

/** How long the copy of a window should take. It is short, since a crash repeats all windows in flight. */
export const TARGET_MS = 4_000;
/** Operations in the first window. There are few, since the size of the documents is not known yet. */
const FIRST_SPAN = 1_000;
/** Smaller windows would take longer to confirm than to copy. (Only a low rate makes them smaller.) */
const LEAST_SPAN = 100;
/** At the end of the back-fill, the slots share the remaining operations. A share has at least this many. */
const LEAST_SHARE = 1_000;
const MOST_SPAN = 5_000_000;
const GROWTH = 4;
/**
 * A document that was written many times is copied only once, so a window may have many more operations than
 * documents. The plan of the next window limits this ratio, because the documents there may have been written
 * only once.
 */
const MOST_OPERATIONS_PER_DOCUMENT = 4;
/** After this time a window may be ended, so that a free slot copies a part of what is left of it. */
export const LATE_MS = 8 * TARGET_MS;
/** A window whose rest would take longer is cut, since too much would be repeated after an interruption. */
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
  /** Confirmed ranges that begin above the cursor of their shard. */
  readonly #ahead: ConfirmedWindow[] = [];
  readonly #again: SeqNoRange[] = [];
  #span = FIRST_SPAN;
  #operationsPerDocument = 1;

  /** @param cursors the last confirmed `_seq_no` of each shard @param end the last `_seq_no` to copy */
  constructor(cursors: readonly number[], end: readonly number[]) {
    this.#cursors = [...cursors];
    this.#handedOut = [...cursors];
    this.#end = end;
  }

  get cursors(): number[] {
    return [...this.#cursors];
  }

  get finished(): boolean {
    return this.#end.every((end, shard) => (this.#cursors[shard] ?? -1) >= end);
  }

  /** @returns an independent copy, in which the running windows are still to be copied */
  without(running: readonly SeqNoRange[]): Windows {
    const copy = new Windows(this.#cursors, this.#end);
    for (const [shard, after] of this.#handedOut.entries()) copy.#handedOut[shard] = after;
    copy.#ahead.push(...this.#ahead);
    copy.#again.push(...this.#again, ...running);
    copy.#span = this.#span;
    copy.#operationsPerDocument = this.#operationsPerDocument;
    return copy;
  }

  /** The number of operations that are not confirmed yet. */
  get left(): number {
    const open = operationsAfter(this.#cursors, this.#end);
    return open - this.#ahead.reduce((sum, { after, upTo }) => sum + upTo - after, 0);
  }

  /** Documents of confirmed windows above the cursors. A copy that begins at the cursors repeats them. */
  get documentsAhead(): number {
    return this.#ahead.reduce((sum, { documents }) => sum + documents, 0);
  }

  /**
   * @returns a window of the shard with most operations left, so that all shards end together
   * @param slots how many windows are copied at the same time; at the end, they share the rest
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

  #mostAt(docsPerSecond: number): number {
    if (docsPerSecond === Number.POSITIVE_INFINITY) return MOST_SPAN;
    return Math.max(1, Math.floor((docsPerSecond * TARGET_MS * this.#operationsPerDocument) / 1_000));
  }

  /** Cuts a window that is copied again, if windows are planned smaller now. */
  #firstPartOf(window: SeqNoRange, most: number): SeqNoRange {
    const end = window.after + most;
    if (end >= window.upTo) return window;
    this.#again.unshift({ ...window, after: end });
    return { ...window, upTo: end };
  }

  /** @param documents how many documents the confirmed window had */
  done(window: SeqNoRange, tookMs: number, documents: number): void {
    this.#confirmed({ ...window, documents });
    const operations = window.upTo - window.after;
    const perDocument = operations / Math.max(1, documents);
    this.#operationsPerDocument = Math.min(MOST_OPERATIONS_PER_DOCUMENT, Math.max(1, perDocument));
    const factor = Math.min(GROWTH, Math.max(1 / GROWTH, TARGET_MS / Math.max(1, tookMs)));
    // A short window (at the end of a shard, or at a low rate) is a poor measure for larger windows.
    if (operations < this.#span / 2 && factor > 1) return;
    this.#span = Math.min(MOST_SPAN, Math.max(LEAST_SPAN, Math.round(operations * factor)));
  }

  /** Called when a window took too long: in about the target time, only `documents` of it were copied. */
  shorten(documents: number): void {
    this.#span = Math.min(this.#span, Math.max(LEAST_SPAN, documents));
  }

  again(window: SeqNoRange): void {
    this.#again.push(window);
  }

  /**
   * Confirms the window up to the cursor. Its rest becomes windows (`pieces`) that are copied again.
   * @param documents how many documents the confirmed part had
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
