// Documents are read, changed where there is a transform, and written with stamps. A window is read in a scroll, as that
// costs the engine least; where it is lost, or can't be had, in pages in the order of `_seq_no`.
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

/** How often a waiting run looks whether it was cancelled or may go faster. */
const NAP_MS = 20;
/** A run that is held back copies the documents of so much time in one piece. */
const PIECE_MS = 50;
/**
 * A piece may grow to the documents of so much time where the engine takes as long for a small one: however small it is, each
 * piece costs one request, and on a busy cluster the run would stay far below its rate.
 */
const MOST_PIECE_MS = 1_000;
/** Pages are written in pieces, and reading more at once is hardly felt. */
const LEAST_PAGE = 200;
/** Larger pages are written in pieces: larger requests are no faster, and what is changed takes memory. */
const MOST_PIECE = 1_000;

class PagesRun implements CopyRun {
  readonly ended: Promise<CopyOutcome>;
  handled = 0;
  cursor: number;
  readonly #replication: Replication;
  readonly #copyContext: CopyContext;
  readonly #window: SeqNoRange;
  #docsPerSecond: number;
  /** The next piece is not read or written before this instant of `performance.now()`. */
  #notBefore = 0;
  /** When the present piece was begun, and how long the pieces before it took, without the pauses between them. */
  #pieceAt = performance.now();
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
      stops: () => this.#rest(),
      onCopied: (documents, upTo) => {
        this.cursor = upTo;
        this.#note(documents);
      },
    });
    return result.type === 'done' ? { type: 'copied' } : this.#stopped();
  }

  /** All of the window or, for its cursor, nothing. @returns undefined when the scroll was lost */
  async #copyStream(): Promise<CopyOutcome | undefined> {
    const { shard } = this.#window;
    const pages = this.#copyContext.reader.stream(this.#replication.leader.index, shard, this.#window);
    try {
      for (;;) {
        const page = await nextOf(pages);
        if (page === 'lost') return undefined;
        if (page === 'end') return { type: 'copied' };
        for (let at = 0; at < page.length; ) {
          if (await this.#rest()) return this.#stopped();
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
    this.#pieceMs = (this.#pieceMs + performance.now() - this.#pieceAt) / 2;
    // from the beginning of the piece on, and with what was slept too long before it
    const at = Math.max(this.#pieceAt - PIECE_MS, this.#notBefore);
    this.#notBefore = at + (documents * 1_000) / this.#docsPerSecond;
  }

  /** Waits until the time that the last piece may take is over. @returns true when the run was cancelled */
  async #rest(): Promise<boolean> {
    while (!this.#cancelled && performance.now() < this.#notBefore) await sleep(NAP_MS);
    this.#pieceAt = performance.now();
    return this.#cancelled;
  }
}

/** Whatever is wrong with the scroll: if it is wrong with the index, reading it in pages will say so. */
async function nextOf(pages: AsyncGenerator<readonly Hit[]>): Promise<readonly Hit[] | 'end' | 'lost'> {
  try {
    const { done, value } = await pages.next();
    return done ? 'end' : value;
  } catch (error) {
    if (isTwindexError(error)) return 'lost';
    throw error;
  }
}
