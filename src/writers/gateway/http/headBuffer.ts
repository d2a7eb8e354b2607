// Collects the bytes of an HTTP head (all lines before the body) that arrives in pieces.

/** The engines' default for `http.max_header_size`: 16 KiB. */
export const MAX_REQUEST_HEAD = 16 << 10;
/** Larger than `MAX_REQUEST_HEAD`, since OpenSearch repeats a header for each part of its work. */
export const MAX_RESPONSE_HEAD = 1 << 20;

const END = Buffer.from('\r\n\r\n');

export type HeadPiece =
  /** `text` is latin1, each line with its CRLF. The head ends at `next` in the given piece. */
  { readonly text: string; readonly next: number } | 'incomplete' | 'tooLong';

export class HeadBuffer {
  readonly #max: number;
  /** Doubled when full, so that a head sent byte by byte is not copied for each byte. */
  #held: Buffer | undefined;
  #length = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get length(): number {
    return this.#length;
  }

  get held(): Buffer {
    return this.#held ? this.#held.subarray(0, this.#length) : Buffer.alloc(0);
  }

  take(piece: Buffer, from: number): HeadPiece {
    if (this.#length === 0) {
      const end = piece.indexOf(END, from);
      if (end >= 0) {
        if (end - from > this.#max) return 'tooLong';
        return { text: piece.toString('latin1', from, end + 2), next: end + END.length };
      }
      this.#append(piece, from);
      return this.#length > this.#max ? 'tooLong' : 'incomplete';
    }
    const before = this.#length;
    this.#append(piece, from);
    const held = this.held;
    const end = held.indexOf(END, Math.max(0, before - END.length + 1));
    if (end < 0) return this.#length > this.#max ? 'tooLong' : 'incomplete';
    if (end > this.#max) return 'tooLong';
    this.#held = undefined;
    this.#length = 0;
    return { text: held.toString('latin1', 0, end + 2), next: from + end + END.length - before };
  }

  #append(piece: Buffer, from: number): void {
    // copy only up to the limit, since a longer head is refused
    const to = Math.min(piece.length, from + this.#max + END.length);
    const needed = this.#length + to - from;
    if (!this.#held || this.#held.length < needed) {
      const grown = Buffer.allocUnsafeSlow(Math.max(1_024, needed, 2 * (this.#held?.length ?? 0)));
      this.#held?.copy(grown, 0, 0, this.#length);
      this.#held = grown;
    }
    piece.copy(this.#held, this.#length, from, to);
    this.#length = needed;
  }
}
