// Copies a window: reads documents, transforms them, and writes them with stamps. Reading in a scroll is
// cheapest for the engine. If the scroll is lost or refused, documents are read in pages in the order of
// `_seq_no`.
import { setTimeout as sleep } from 'node:timers/promises';
import { isTwindexError } from '../../errors.js';
import type { Replication } from '../../protocol/replication.js';
import { copyBatch, type CopyContext, followRange } from '../follow/followRange.js';
import type { Hit } from '../../documents/hits.js';
import type { Copier, CopyOutcome, CopyRun } from './copier.js';
import { pageOf, pieceOf } from './sizes.js';
import type { SeqNoRange } from '../../documents/seqNoRange.js';

export class PageCopier implements Copier {
  readonly #replication: Replication;
  readonly #copyContext: CopyContext;

  constructor(replication: Replication, copyContext: CopyContext) {
    this.#replication = replication;
    this.#copyContext = copyContext;
  }

  start(window: SeqNoRange, docsPerSecond: number): Promise<CopyRun> {
    return Promise.resolve(new PagesRun(this.#replication, this.#copyContext, window, docsPerSecond));
  }
}

/** Interval at which a waiting copy checks whether it was cancelled or may go faster. */
const NAP_MS = 20;
/** A throttled copy writes a page in pieces. A piece has as many documents as the rate allows in this time. */
const PIECE_MS = 50;
/** On a slow engine, pieces grow until they take this time. With smaller ones, a copy stays below its rate. */
const MOST_PIECE_MS = 1_000;
/** The smallest page. It may be larger than a piece, since reading hardly slows down searches. */
const LEAST_PAGE = 200;
/** The largest piece. Larger requests are not faster, and their transformed documents take more memory. */
const MOST_PIECE = 1_000;

class PagesRun implements CopyRun {
  readonly ended: Promise<CopyOutcome>;
  handled = 0;
  cursor: number;
  readonly #replication: Replication;
  readonly #copyContext: CopyContext;
  readonly #window: SeqNoRange;
  #docsPerSecond: number;
  /** The next piece is not begun before this time (`performance.now()`). */
  #notBefore = 0;
  #pieceBeganAt = performance.now();
  #pieceMs = 0;
  #cancelled = false;

  constructor(replication: Replication, copyContext: CopyContext, window: SeqNoRange, docsPerSecond: number) {
    this.#replication = replication;
    this.#copyContext = copyContext;
    this.#window = window;
    this.#docsPerSecond = docsPerSecond;
    this.cursor = window.after;
    this.ended = this.#copy();
  }

  pace(docsPerSecond: number): void {
    this.#docsPerSecond = docsPerSecond;
    this.#notBefore = 0;
    this.#boundPages();
  }

  cancel(): void {
    this.#cancelled = true;
  }

  get #piece(): number {
    return pieceOf(this.#docsPerSecond, this.#pieceTime);
  }

  get #pieceTime(): number {
    return Math.min(MOST_PIECE_MS, Math.max(PIECE_MS, this.#pieceMs));
  }

  #boundPages(): void {
    this.#copyContext.reader.bound(pageOf(this.#docsPerSecond, this.#pieceTime, LEAST_PAGE));
  }

  async #copy(): Promise<CopyOutcome> {
    this.#boundPages();
    const streamed = await this.#copyStream();
    if (streamed) return streamed;
    this.handled = 0;
    const result = await followRange(this.#replication, {
      ...this.#copyContext,
      ...this.#window,
      stops: () => this.#awaitTurn(),
      onCopied: (documents, upTo) => {
        this.cursor = upTo;
        this.#note(documents);
      },
    });
    return result.type === 'done' ? { type: 'copied' } : this.#stopped();
  }

  /**
   * Copies the window from a scroll. The cursor does not move, since documents come in any order. @returns
   * undefined if the scroll was lost
   */
  async #copyStream(): Promise<CopyOutcome | undefined> {
    const { shard } = this.#window;
    const pages = this.#copyContext.reader.stream(this.#replication.leader.index, shard, this.#window);
    try {
      for (;;) {
        const page = await nextOf(pages);
        if (page === 'lost') return undefined;
        if (page === 'end') return { type: 'copied' };
        for (let at = 0; at < page.length; ) {
          if (await this.#awaitTurn()) return this.#stopped();
          const piece = page.slice(at, at + Math.min(MOST_PIECE, this.#piece));
          await copyBatch(this.#replication, piece, this.#copyContext);
          this.#note(piece.length);
          at += piece.length;
        }
      }
    } finally {
      await pages.return(undefined);
    }
  }

  #stopped(): CopyOutcome {
    return { type: 'stopped', cursor: this.cursor };
  }

  #note(documents: number): void {
    this.handled += documents;
    this.#pieceMs = (this.#pieceMs + performance.now() - this.#pieceBeganAt) / 2;
    // Count from the time for which the piece was scheduled, so that a late timer does not lower the rate.
    const at = Math.max(this.#pieceBeganAt - PIECE_MS, this.#notBefore);
    this.#notBefore = at + (documents * 1_000) / this.#docsPerSecond;
  }

  /** @returns whether the copy was cancelled */
  async #awaitTurn(): Promise<boolean> {
    while (!this.#cancelled && performance.now() < this.#notBefore) await sleep(NAP_MS);
    this.#pieceBeganAt = performance.now();
    return this.#cancelled;
  }
}

/** @returns `lost` after any error. If the index itself has a problem, reading pages fails as well. */
async function nextOf(pages: AsyncGenerator<readonly Hit[]>): Promise<readonly Hit[] | 'end' | 'lost'> {
  try {
    const { done, value } = await pages.next();
    return done ? 'end' : value;
  } catch (error) {
    if (isTwindexError(error)) return 'lost';
    throw error;
  }
}
