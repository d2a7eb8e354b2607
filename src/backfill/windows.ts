// Which parts of which shards are still to be copied: windows of `_seq_no`, several at a time, and what is confirmed of
// them. Pure.
import { operationsAfter } from '../follow/operationsAfter.js';

/** Operations of a shard with `after < _seq_no <= upTo`. */
export interface Window {
  readonly shard: number;
  readonly after: number;
  readonly upTo: number;
}

/** How long a window should take: what is lost when its task is lost. */
const TARGET_MS = 8_000;
const FIRST_SPAN = 10_000;
const LEAST_SPAN = 500;
const MOST_SPAN = 5_000_000;
/** A window that takes longer is shared with whoever has nothing left to do. */
export const LATE_MS = 4 * TARGET_MS;

export class Windows {
  /** By shard: up to where windows were handed out. */
  readonly #handedOut: number[];
  readonly #end: readonly number[];
  readonly #cursors: number[];
  /** By shard: confirmed, but not below what comes before them. */
  readonly #ahead: Window[] = [];
  readonly #again: Window[] = [];
  #span = FIRST_SPAN;

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
  without(running: readonly Window[]): Windows {
    const copy = new Windows(this.#cursors, this.#end);
    for (const [shard, after] of this.#handedOut.entries()) copy.#handedOut[shard] = after;
    copy.#ahead.push(...this.#ahead);
    copy.#again.push(...this.#again, ...running);
    copy.#span = this.#span;
    return copy;
  }

  /** Operations that are not confirmed yet. */
  get left(): number {
    const open = operationsAfter(this.#cursors, this.#end);
    return open - this.#ahead.reduce((sum, { after, upTo }) => sum + upTo - after, 0);
  }

  /**
   * The next window, of the shard that has most left: they end together.
   * @param lanes how many are copied at the same time: the last ones share what is left
   */
  next(lanes: number): Window | undefined {
    const again = this.#again.shift();
    if (again) return again;
    const left = this.#end.map((end, shard) => end - (this.#handedOut[shard] ?? -1));
    const most = Math.max(...left);
    if (most <= 0) return undefined;
    const shard = left.indexOf(most);
    const share = Math.ceil(left.reduce((sum, one) => sum + Math.max(0, one), 0) / lanes);
    const span = Math.min(most, Math.max(LEAST_SPAN, Math.min(this.#span, share)));
    const after = this.#handedOut[shard] as number;
    this.#handedOut[shard] = after + span;
    return { shard, after, upTo: after + span };
  }

  /** It is on the second index, confirmed. */
  done(window: Window, tookMs: number): void {
    this.#confirmed(window);
    const factor = Math.min(2, Math.max(0.5, TARGET_MS / Math.max(1, tookMs)));
    const tuned = Math.round((window.upTo - window.after) * factor);
    // a short one, from the end of a shard, says little
    if (window.upTo - window.after >= this.#span / 2)
      this.#span = Math.min(MOST_SPAN, Math.max(LEAST_SPAN, tuned));
  }

  /** It has to be copied again. */
  again(window: Window): void {
    this.#again.push(window);
  }

  /**
   * It was ended before its end: up to the cursor it is on the second index, confirmed; the rest has to be copied again.
   * @param cursor the window's own beginning where nothing of it counts
   * @param pieces into how many windows the rest is cut
   */
  split(window: Window, cursor: number, pieces = 2): void {
    const { shard, upTo } = window;
    let after = Math.min(upTo, Math.max(window.after, cursor));
    if (after > window.after) this.#confirmed({ ...window, upTo: after });
    for (let left = pieces; after < upTo; left--) {
      const end = left <= 1 ? upTo : after + Math.ceil((upTo - after) / left);
      this.#again.push({ shard, after, upTo: end });
      after = end;
    }
  }

  #confirmed(window: Window): void {
    this.#ahead.push(window);
    this.#ahead.sort((a, b) => a.after - b.after);
    for (let n = 0; n < this.#ahead.length; ) {
      const { shard, after, upTo } = this.#ahead[n] as Window;
      if (after > (this.#cursors[shard] as number)) n++;
      else {
        this.#cursors[shard] = Math.max(upTo, this.#cursors[shard] as number);
        this.#ahead.splice(n, 1);
      }
    }
  }
}
