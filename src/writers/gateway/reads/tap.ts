// The interface for observing a request and its answer. A tap never delays them, and never throws.
import type { ResponseHead } from '../http/responseHead.js';

export interface Tap {
  /** Gets a piece of the request body, without framing. The bytes never change later. */
  onRequest(bytes: Buffer): void;
  onAnswer(bytes: Buffer): void;
  /** Called once, with undefined if the request or its answer was not complete. */
  onEnd(response: ResponseHead | undefined): void;
}

/** Collects pieces up to a limit in bytes. Beyond the limit it keeps none. */
export class Pieces {
  readonly #most: number;
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#length > this.#most) this.#pieces = [];
    else this.#pieces.push(bytes);
  }

  whole(): Buffer | undefined {
    if (this.#length > this.#most) return undefined;
    return this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
  }
}
