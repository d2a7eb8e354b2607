// What goes through an exchange, looked at from beside: it never holds anything up, and never throws.
import type { ResponseHead } from '../http/responseHead.js';

export interface Tap {
  /** Pieces of the bodies, without their framing. They are not changed afterwards. */
  onRequest(bytes: Buffer): void;
  onAnswer(bytes: Buffer): void;
  /** Called once. Undefined: the request or its answer did not come in whole. */
  onEnd(response: ResponseHead | undefined): void;
}

/** Pieces up to a bound; beyond it nothing is kept. */
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

  /** Undefined when there was too much. */
  whole(): Buffer | undefined {
    if (this.#length > this.#most) return undefined;
    return this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
  }
}
