// Copies one window page by page in a worker, and makes the entry from which the coordinator reads the progress.
import { PageCopier } from '../backfill/pageCopier.js';
import type { CopyRun } from '../backfill/copier.js';
import { isTwindexError, messageOf } from '../../errors.js';
import { newTally, type Refused } from '../../protocol/replication.js';
import type { HandedOutWindow } from '../../journal/workerDocuments.js';
import { mayHaveBeenDone } from '../migration/succession/effects.js';
import { type Served, Unfit } from './served.js';

/**
 * A window is stopped when it has this many refused documents, since they are sent to the coordinator in the
 * worker's document in the journal, which must stay small.
 */
const MOST_REFUSED = 100;
const REASON_CHARACTERS = 500;

type State = HandedOutWindow['state'];

export class WindowJob {
  readonly window: HandedOutWindow;
  readonly ended: Promise<void>;
  readonly beganAt = performance.now();
  readonly #tally = newTally();
  readonly #refused: Refused[] = [];
  #run: CopyRun | undefined;
  #docsPerSecond: number;
  #cancelled = false;
  #writeMayStillArrive = false;
  #state: State = 'open';
  #reason = '';

  constructor(window: HandedOutWindow, open: () => Promise<Served>) {
    this.window = window;
    this.#docsPerSecond = rateOf(window);
    this.ended = this.#copy(open);
  }

  get state(): State {
    return this.#state;
  }

  get handled(): number {
    return this.#run?.handled ?? 0;
  }

  get reason(): string {
    return this.#reason;
  }

  follow(entry: HandedOutWindow): void {
    if (entry.stop) this.cancel();
    if (rateOf(entry) === this.#docsPerSecond) return;
    this.#docsPerSecond = rateOf(entry);
    this.#run?.pace(this.#docsPerSecond);
  }

  /** Ends the copy after the page that is being written. */
  cancel(): void {
    this.#cancelled = true;
    this.#run?.cancel();
  }

  answered(entry: HandedOutWindow): HandedOutWindow {
    const { conflicts, dropped, busy } = this.#tally;
    return {
      ...entry,
      state: this.#state,
      cursor: this.#run?.cursor ?? entry.after,
      handled: this.handled,
      conflicts,
      dropped,
      busy,
      refused: this.#refused.map(({ key, version, reason }) => ({
        id: key.id,
        routing: key.routing ?? null,
        version: String(version),
        reason: reason.slice(0, REASON_CHARACTERS),
      })),
      reason: this.#reason,
    };
  }

  async #copy(open: () => Promise<Served>): Promise<void> {
    try {
      const { replication, reader } = await open();
      this.#tally.routed = replication.tally.routed;
      const copier = new PageCopier(
        { ...replication, tally: this.#tally },
        {
          reader,
          feed: { around: (send) => this.#watched(send) },
          keepRefused: (refused) => Promise.resolve(this.#keep(refused)),
        },
      );
      const { shard, after, upTo } = this.window;
      this.#run = await copier.start({ shard, after, upTo }, this.#docsPerSecond);
      if (this.#cancelled) this.#run.cancel();
      const outcome = await this.#run.ended;
      this.#state = outcome.type === 'copied' ? 'done' : 'stopped';
    } catch (error) {
      this.#reason = messageOf(error).slice(0, REASON_CHARACTERS);
      this.#state = error instanceof Unfit ? 'unfit' : this.#writeMayStillArrive ? 'unanswered' : 'failed';
      // The coordinator was replaced: this is no failure of the worker.
      if (isTwindexError(error, 'fenced')) this.#state = 'stopped';
    }
  }

  async #watched<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      if (mayHaveBeenDone(error)) this.#writeMayStillArrive = true;
      throw error;
    }
  }

  #keep(refused: readonly Refused[]): void {
    this.#refused.push(...refused);
    if (this.#refused.length >= MOST_REFUSED) this.cancel();
  }
}

const rateOf = ({ docsPerSecond }: HandedOutWindow): number => docsPerSecond ?? Number.POSITIVE_INFINITY;
