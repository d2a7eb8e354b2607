// Follows the copy of a window by a worker. The progress is read from the worker's document in the journal.
import type { Refused, Tally } from '../../protocol/replication.js';
import type { HandedOutWindow } from '../../journal/workerDocuments.js';
import type { CopyOutcome, CopyRun } from './copier.js';

export interface SharedRunOptions {
  readonly worker: string;
  readonly window: HandedOutWindow;
  readonly tally: Tally;
  /** Saves the refused documents before it returns. @throws errors that end the copy */
  readonly keepRefused: (refused: readonly Refused[]) => Promise<void>;
}

export class SharedRun implements CopyRun {
  readonly id: string;
  readonly worker: string;
  readonly ended: Promise<CopyOutcome>;
  readonly #options: SharedRunOptions;
  readonly #resolve: (outcome: CopyOutcome) => void;
  readonly #reject: (error: unknown) => void;
  #seen: HandedOutWindow;
  #docsPerSecond: number | null;
  #stop = false;
  #late = false;
  #over = false;

  constructor(options: SharedRunOptions) {
    this.#options = options;
    this.id = options.window.id;
    this.worker = options.worker;
    this.#seen = options.window;
    this.#docsPerSecond = options.window.docsPerSecond;
    const settle: { resolve?: (outcome: CopyOutcome) => void; reject?: (error: unknown) => void } = {};
    this.ended = new Promise((resolve, reject) => {
      settle.resolve = resolve;
      settle.reject = reject;
    });
    this.#resolve = settle.resolve as (outcome: CopyOutcome) => void;
    this.#reject = settle.reject as (error: unknown) => void;
  }

  get handled(): number {
    return this.#seen.handled;
  }

  get cursor(): number {
    return this.#seen.cursor;
  }

  /** Whether the copy has ended, so that its entry may be removed from the worker's document. */
  get over(): boolean {
    return this.#over;
  }

  pace(docsPerSecond: number): void {
    this.#docsPerSecond = finite(docsPerSecond);
  }

  cancel(late?: 'late'): void {
    this.#stop = true;
    this.#late ||= late !== undefined;
  }

  /** Whether the window was taken back because it took too long. */
  get late(): boolean {
    return this.#late;
  }

  /** @returns the entry with the coordinator's changes, or `entry` itself if there are none */
  wanted(entry: HandedOutWindow): HandedOutWindow {
    const stop = entry.stop || this.#stop;
    if (entry.stop === stop && entry.docsPerSecond === this.#docsPerSecond) return entry;
    return { ...entry, stop, docsPerSecond: this.#docsPerSecond };
  }

  async see(entry: HandedOutWindow): Promise<void> {
    if (this.#over) return;
    this.#seen = entry;
    if (entry.state === 'open' || entry.state === 'unanswered') return;
    this.#over = true;
    try {
      const { tally, keepRefused } = this.#options;
      tally.copied += entry.handled - entry.conflicts - entry.refused.length;
      tally.conflicts += entry.conflicts;
      tally.dropped += entry.dropped;
      tally.busy += entry.busy;
      if (entry.refused.length > 0)
        await keepRefused(
          entry.refused.map(({ id, routing, version, reason }) => ({
            key: { id, routing: routing ?? undefined },
            version: BigInt(version),
            reason,
          })),
        );
      this.#resolve(entry.state === 'done' ? { type: 'copied' } : { type: 'stopped', cursor: entry.cursor });
    } catch (error) {
      this.#reject(error);
    }
  }

  /** Called when the worker has given the window back, and all its requests were answered. */
  letGo(): void {
    this.#over = true;
    this.#resolve({ type: 'stopped', cursor: this.#options.window.after });
  }

  /** Called when a write of this window may still arrive. */
  lose(error: unknown): void {
    this.#over = true;
    this.#reject(error);
  }
}

export const finite = (docsPerSecond: number): number | null =>
  Number.isFinite(docsPerSecond) ? docsPerSecond : null;
