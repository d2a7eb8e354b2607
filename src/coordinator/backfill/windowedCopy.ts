// Makes the back-fill in windows of `_seq_no`: copies several windows at the same time, and confirms each.
// Following copies later operations (docs/protocol.md, "Back-fill").
import { setTimeout as sleep } from 'node:timers/promises';
import { isTwindexError, messageOf } from '../../errors.js';
import { BothConfirmation } from '../../protocol/confirmBoth.js';
import type { Replication, Tally } from '../../protocol/replication.js';
import type { RoundResult } from '../follow/round.js';
import type { Copier, CopyOutcome } from './copier.js';
import { once } from '../../once.js';
import { isLate, type WindowInFlight, takesTooLong, workedMs } from './windowInFlight.js';
import { Windows } from './windows.js';

export interface WindowedCopyOptions {
  /** For each shard: the `_seq_no` up to which everything is confirmed already. */
  readonly cursors: readonly number[];
  /** For each shard: the last `_seq_no` to copy. */
  readonly upTo: readonly number[];
  /** The windows that an earlier copy has left. If given, `cursors` and `upTo` are ignored. */
  readonly left?: Windows | undefined;
  readonly slots: () => number;
  /** The limit for all windows together. 0 pauses the copy. */
  readonly docsPerSecond: () => number;
  readonly onProgress: (documents: number) => void;
  readonly signal: AbortSignal;
}

export type CopyResult =
  | {
      readonly type: 'copied';
      readonly round: Extract<RoundResult, { type: 'confirmed' }>;
      readonly done: boolean;
    }
  /** The copier can't copy these documents, so the rest has to be copied in another way. */
  | { readonly type: 'unable'; readonly reason: string };

const LOOK_MS = 100;
const MAX_FAILURES_IN_A_ROW = 5;
/** The rate of a window is changed only if it differs by more than this share. */
const RATE_TOLERANCE = 0.1;
const CLOSE_MS = 10_000;
const DOCS_PER_SECOND_PER_SLOT = 5_000;

export class WindowedCopy {
  readonly #replication: Replication;
  readonly #copier: Copier;
  readonly #options: WindowedCopyOptions;
  readonly #windows: Windows;
  readonly #running = new Set<WindowInFlight>();
  #slotsUnusedWhenBusy = 0;
  #failuresInARow = 0;
  #copied = 0;
  #reported: Pick<Tally, 'conflicts' | 'dropped'>;
  #busy = 0;
  #unable: string | undefined;

  constructor(replication: Replication, copier: Copier, options: WindowedCopyOptions) {
    this.#replication = replication;
    this.#copier = copier;
    this.#options = options;
    this.#windows = options.left ?? new Windows(options.cursors, options.upTo);
    this.#reported = { ...replication.tally };
  }

  get oldestAt(): number | undefined {
    return this.#running.size === 0
      ? undefined
      : Math.min(...[...this.#running].map(({ beganAt }) => beganAt));
  }

  /** The windows that are left. Windows in flight count as not begun. */
  get left(): Windows {
    return this.#windows.without([...this.#running].map(({ window }) => window));
  }

  get finished(): boolean {
    return this.#windows.finished;
  }

  get unconfirmed(): number {
    const inFlight = [...this.#running].reduce((sum, { reported }) => sum + reported, 0);
    return inFlight + this.#windows.documentsAhead;
  }

  /** Copies for a time. Windows in flight continue after the slice. @throws errors that end the copy */
  async slice(budgetMs: number): Promise<CopyResult> {
    const deadline = performance.now() + budgetMs;
    for (;;) {
      // When twindex is stopped, report the confirmed windows, so that they are saved.
      if (this.#options.signal.aborted) return this.#report();
      await this.#copier.poll?.();
      if (this.#unable === undefined) await this.#fillSlots();
      await this.#settle();
      if (this.#unable !== undefined && this.#running.size === 0)
        return { type: 'unable', reason: this.#unable };
      if (this.finished || performance.now() >= deadline) return this.#report();
      const waits = [...this.#running].map(({ run }) => run.ended.catch(() => undefined));
      await Promise.race([sleep(LOOK_MS), ...waits]);
    }
  }

  async close(): Promise<boolean> {
    for (const { run } of this.#running) run.cancel();
    const ended = Promise.allSettled([...this.#running].map(({ run }) => run.ended));
    const deadline = performance.now() + CLOSE_MS;
    let results: Awaited<typeof ended> | undefined;
    while (!results && performance.now() < deadline) {
      await this.#pollOnce();
      results = (await Promise.race([ended, sleep(LOOK_MS)])) ?? undefined;
    }
    // Read once more which windows the workers have ended, so that they can be removed from the workers'
    // documents.
    await this.#pollOnce();
    for (const { reported } of this.#running) this.#options.onProgress(-reported);
    this.#running.clear();
    return results?.every(({ status }) => status === 'fulfilled') ?? false;
  }

  async #pollOnce(): Promise<void> {
    await this.#copier.poll?.().catch(() => undefined);
  }

  #report(): CopyResult {
    const { tally } = this.#replication;
    const before = this.#reported;
    this.#reported = { ...tally };
    const copied = this.#copied;
    this.#copied = 0;
    const { cursors, left } = this.#windows;
    return {
      type: 'copied',
      done: this.finished,
      round: {
        type: 'confirmed',
        cursors,
        caughtUp: false,
        copied,
        conflicts: tally.conflicts - before.conflicts,
        dropped: tally.dropped - before.dropped,
        behind: left,
      },
    };
  }

  async #fillSlots(): Promise<void> {
    const rate = this.#options.docsPerSecond();
    const most = this.#options.slots() - this.#slotsUnusedWhenBusy;
    const slots = Math.max(1, Math.min(most, Math.ceil(rate / DOCS_PER_SECOND_PER_SLOT)));
    this.#pace(rate / Math.max(slots, this.#running.size));
    if (rate === 0) return;
    // Begin the confirmation before anything is read or written, so that it notices a later fail-over.
    const confirmation = once(() => BothConfirmation.begin(this.#replication));
    while (this.#running.size < slots) {
      const window = this.#windows.next(slots, rate / slots);
      if (!window) {
        this.#shareLate();
        return;
      }
      try {
        const both = await confirmation();
        const begun = { docsPerSecond: rate / slots, beganAt: performance.now() };
        const run = await this.#copier.start(window, begun.docsPerSecond);
        const inFlight: WindowInFlight = {
          window,
          run,
          both,
          ...begun,
          idleMs: 0,
          idleSince: undefined,
          late: false,
          tooLong: false,
          reported: 0,
        };
        run.ended.then(
          (outcome) => Object.assign(inFlight, { outcome, endedAt: performance.now() }),
          (error: unknown) => (inFlight.error = error),
        );
        this.#running.add(inFlight);
      } catch (error) {
        this.#windows.again(window);
        if (!isTwindexError(error, 'rejected', 'unauthorized', 'forbidden', 'failed')) throw error;
        this.#unable = messageOf(error);
        return;
      }
    }
  }

  /** If no window is left for a free slot, ends a late window. The slot then copies a part of its rest. */
  #shareLate(): void {
    const late = [...this.#running].find(isLate);
    if (!late) return;
    late.late = true;
    late.run.cancel('late');
  }

  #pace(each: number): void {
    const at = performance.now();
    for (const inFlight of this.#running) {
      if (inFlight.endedAt !== undefined) continue;
      if (each === 0) inFlight.idleSince ??= at;
      else if (inFlight.idleSince !== undefined) {
        inFlight.idleMs += at - inFlight.idleSince;
        inFlight.idleSince = undefined;
      }
      const ratio = each / inFlight.docsPerSecond; // NaN when both are infinite
      if (Number.isNaN(ratio) || Math.abs(ratio - 1) < RATE_TOLERANCE) continue;
      inFlight.docsPerSecond = each;
      inFlight.run.pace(each);
    }
  }

  async #settle(): Promise<void> {
    const ending: Promise<void>[] = [];
    for (const inFlight of this.#running) {
      this.#progress(inFlight);
      if (inFlight.error !== undefined) {
        this.#giveBack(inFlight);
        ending.push(Promise.reject(inFlight.error));
      } else if (inFlight.outcome) ending.push(this.#end(inFlight, inFlight.outcome));
      else if (takesTooLong(inFlight)) {
        inFlight.tooLong = true;
        inFlight.run.cancel();
      }
    }
    // Wait for all windows even if one fails, so that none is still ending at the next call.
    for (const ended of await Promise.allSettled(ending)) if (ended.status === 'rejected') throw ended.reason;
  }

  #progress(inFlight: WindowInFlight): void {
    const { handled } = inFlight.run;
    if (handled !== inFlight.reported) this.#options.onProgress(handled - inFlight.reported);
    inFlight.reported = handled;
  }

  async #end(inFlight: WindowInFlight, outcome: CopyOutcome): Promise<void> {
    if (outcome.type === 'copied' && (await inFlight.both.confirm())) {
      this.#running.delete(inFlight);
      this.#failuresInARow = 0;
      this.#copied += inFlight.run.handled;
      this.#windows.done(inFlight.window, workedMs(inFlight), inFlight.run.handled);
      this.#adaptSlots();
      return;
    }
    if (outcome.type === 'stopped') {
      await this.#endBefore(inFlight, outcome.cursor);
      return;
    }
    this.#giveBack(inFlight);
    this.#failuresInARow++;
    if (
      outcome.type === 'unable' ||
      (outcome.type === 'failed' && this.#failuresInARow >= MAX_FAILURES_IN_A_ROW)
    )
      this.#unable ??= outcome.reason;
  }

  async #endBefore(inFlight: WindowInFlight, cursor: number): Promise<void> {
    const { window } = inFlight;
    const counts = cursor > window.after && (await inFlight.both.confirm());
    this.#running.delete(inFlight);
    if (counts) this.#copied += inFlight.run.handled;
    else this.#options.onProgress(-inFlight.reported);
    if (inFlight.tooLong) this.#windows.shorten(inFlight.run.handled);
    this.#windows.split(window, counts ? cursor : window.after, {
      documents: counts ? inFlight.run.handled : 0,
      pieces: inFlight.late ? 2 : 1,
    });
  }

  #giveBack(inFlight: WindowInFlight): void {
    this.#running.delete(inFlight);
    this.#windows.again(inFlight.window);
    this.#options.onProgress(-inFlight.reported);
  }

  /** Uses one slot less if the engine was too busy for some writes since the last call, otherwise one more. */
  #adaptSlots(): void {
    const { busy } = this.#replication.tally;
    if (busy > this.#busy)
      this.#slotsUnusedWhenBusy = Math.min(this.#slotsUnusedWhenBusy + 1, this.#options.slots() - 1);
    else this.#slotsUnusedWhenBusy = Math.max(0, this.#slotsUnusedWhenBusy - 1);
    this.#busy = busy;
  }
}
