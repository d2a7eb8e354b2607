// Reads one batch of documents ahead from the source of truth. The present batch stays until it is confirmed, so
// that it can be written again.
import { within } from '../../within.js';
import type { IngestedDocument } from '../../protocol/ingestedVersion.js';

const MAX_DOCUMENTS = 1_000;
const MAX_BYTES = 2 << 20;
/** If a slow source does not fill a batch within this time, the batch is written as it is. */
const LINGER_MS = 500;
const CLOSE_MS = 5_000;

export interface Batch {
  readonly documents: readonly IngestedDocument[];
}

export type NextBatch = Batch | 'waiting' | 'end';

export class DocumentQueue {
  readonly #filled: Promise<void>;
  #waiting: IngestedDocument[] = [];
  #bytes = 0;
  /** When the oldest document of `#waiting` came (`performance.now()`). */
  #since = 0;
  #current: Batch | undefined;
  #ended = false;
  #error: { readonly cause: unknown } | undefined;
  #closed = false;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  constructor(source: AsyncIterable<IngestedDocument>) {
    this.#filled = this.#fill(source);
  }

  /** @returns the same batch until `done` is called @throws the source's error, after its last batch */
  async next(waitMs: number): Promise<NextBatch> {
    const deadline = performance.now() + waitMs;
    while (!this.#current) {
      const count = this.#waiting.length;
      const now = performance.now();
      const ready = this.#isFull || this.#ended || now - this.#since >= LINGER_MS;
      if (count > 0 && ready) {
        this.#take();
      } else {
        if (count === 0 && this.#error) throw this.#error.cause;
        if (count === 0 && this.#ended) return 'end';
        if (now >= deadline) return 'waiting';
        await this.#changed(Math.min(deadline, count > 0 ? this.#since + LINGER_MS : deadline) - now);
      }
    }
    return this.#current;
  }

  /** Called when the batch is written and confirmed. */
  done(): void {
    this.#current = undefined;
  }

  /** Ends the source, and waits some seconds for its clean-up. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wakeReader?.();
    await within(this.#filled, CLOSE_MS);
  }

  async #fill(source: AsyncIterable<IngestedDocument>): Promise<void> {
    try {
      for await (const document of source) {
        if (this.#waiting.length === 0) this.#since = performance.now();
        this.#waiting.push(document);
        this.#bytes += document.source.length;
        if (this.#isFull || this.#waiting.length === 1) this.#wakeWriter?.();
        while (this.#isFull && !this.#closed)
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
        if (this.#closed) break;
      }
    } catch (cause) {
      this.#error = { cause };
    } finally {
      this.#ended = true;
      this.#wakeWriter?.();
    }
  }

  get #isFull(): boolean {
    return this.#waiting.length >= MAX_DOCUMENTS || this.#bytes >= MAX_BYTES;
  }

  #take(): void {
    this.#current = { documents: this.#waiting };
    this.#waiting = [];
    this.#bytes = 0;
    this.#wakeReader?.();
  }

  async #changed(ms: number): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wakeWriter = resolve;
    });
    await within(woken, ms);
  }
}
