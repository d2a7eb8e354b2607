// Limits the memory that all request bodies may use together. Only bytes that have arrived count, not announced ones. A part is
// reserved for small requests, so that a few clients with large ones cannot block all others. When memory runs out, the large
// body that arrives slowest is given up first.

/** A body that is being collected. */
export interface Holder {
  /** Bytes that it uses. */
  readonly held: number;
  /** Bytes per second since it began. */
  rate(now: number): number;
  /** Frees the body; its client is told to send it again later. */
  giveWay(): void;
}

/** Requests up to this size are small: most writes have a few KiB, and the bulks of clients a few MiB at most. */
const SMALL_BYTES = 1 << 20;
/** Share that is added for small requests only. */
const RESERVE = 1 / 8;

export class Allowance {
  #left: number;
  readonly #reserve: number;
  readonly #collecting = new Set<Holder>();

  constructor(bytes: number) {
    this.#reserve = bytes * RESERVE;
    this.#left = bytes + this.#reserve;
  }

  /** Registers a body that is being collected, and may be given up. */
  enter(holder: Holder): void {
    this.#collecting.add(holder);
  }

  /** The body is complete, or given up. */
  leave(holder: Holder): void {
    this.#collecting.delete(holder);
  }

  /** @returns false when there is not enough left for it */
  take(bytes: number, holder: Holder): boolean {
    while (!this.#hasRoom(bytes, holder)) {
      const slowest = this.#slowestLarge(performance.now());
      if (!slowest || slowest === holder) return false;
      slowest.giveWay();
    }
    this.#left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }

  #hasRoom(bytes: number, { held }: Holder): boolean {
    const isSmall = held + bytes <= SMALL_BYTES;
    return bytes <= this.#left - (isSmall ? 0 : this.#reserve);
  }

  #slowestLarge(now: number): Holder | undefined {
    let slowest: { readonly holder: Holder; readonly rate: number } | undefined;
    for (const holder of this.#collecting) {
      if (holder.held <= SMALL_BYTES) continue;
      const rate = holder.rate(now);
      if (!slowest || rate < slowest.rate) slowest = { holder, rate };
    }
    return slowest?.holder;
  }
}
