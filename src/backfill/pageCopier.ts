// Pages are read, changed where there is a transform, and written with stamps: each window is followed.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Direction } from '../follow/direction.js';
import { type Carriage, followRange } from '../follow/followRange.js';
import type { PageReader } from '../follow/pageReader.js';
import type { Copier, CopyOutcome, CopyRun } from './copier.js';
import type { Window } from './windows.js';

export class PageCopier implements Copier {
  readonly #direction: Direction;
  readonly #carriage: Carriage;

  constructor(direction: Direction, carriage: Carriage) {
    this.#direction = direction;
    this.#carriage = carriage;
  }

  start(window: Window, docsPerSecond: number): Promise<CopyRun> {
    return Promise.resolve(new PagesRun(this.#direction, this.#carriage, window, docsPerSecond));
  }
}

/** A run that waits looks so often whether it was cancelled, or may go faster. */
const NAP_MS = 50;
/** Of a run that is held back: the documents of so much time in one page. */
const PAGE_MS = 125;
const LEAST_PAGE = 50;

class PagesRun implements CopyRun {
  readonly ended: Promise<CopyOutcome>;
  handled = 0;
  cursor: number;
  readonly #reader: PageReader;
  #docsPerSecond: number;
  /** No page is read before; in ms of `performance.now()`. */
  #notBefore = 0;
  #cancelled = false;

  constructor(direction: Direction, carriage: Carriage, window: Window, docsPerSecond: number) {
    this.#docsPerSecond = docsPerSecond;
    this.cursor = window.after;
    this.#reader = carriage.reader;
    this.ended = this.#copy(direction, carriage, window);
  }

  pace(docsPerSecond: number): void {
    this.#docsPerSecond = docsPerSecond;
    this.#notBefore = 0;
    this.#boundPages();
  }

  cancel(): void {
    this.#cancelled = true;
  }

  #boundPages(): void {
    this.#reader.bound(Math.max(LEAST_PAGE, (this.#docsPerSecond * PAGE_MS) / 1_000));
  }

  async #copy(direction: Direction, carriage: Carriage, window: Window): Promise<CopyOutcome> {
    this.#boundPages();
    const result = await followRange(direction, {
      ...carriage,
      ...window,
      stops: () => this.#rest(),
      onCopied: (documents, upTo) => {
        this.handled += documents;
        this.cursor = upTo;
        const at = Math.max(performance.now(), this.#notBefore);
        this.#notBefore = at + (documents * 1_000) / this.#docsPerSecond;
      },
    });
    return result.type === 'done' ? { type: 'copied' } : { type: 'stopped', cursor: this.cursor };
  }

  /** Before the next page is read: that of the last one was spent. @returns true when it was cancelled */
  async #rest(): Promise<boolean> {
    while (!this.#cancelled && performance.now() < this.#notBefore) await sleep(NAP_MS);
    return this.#cancelled;
  }
}
