// What the bodies of all requests together may hold in memory. Only bytes that have arrived count, whatever a client announces.
// A part is kept for small requests, so that a few clients with large ones can't keep all others from writing; and where it
// does not suffice, the large body that comes slowest goes first.

/** A body that is being collected. */
export interface Holder {
  /** Bytes that it holds. */
  readonly held: number;
  /** Bytes a second since it began. */
  rate(now: number): number;
  /** Gives everything back; its client is told to come again later. */
  giveWay(): void;
}

/** Up to here a request is small: most writes have a few KiB, and the bulks of clients a few MiB at most. */
const SMALL_BYTES = 1 << 20;
/** Beside what all requests may hold, for small ones alone. */
const RESERVE = 1 / 8;

export class Allowance {
  #left: number;
  readonly #reserve: number;
  readonly #collecting = new Set<Holder>();

  constructor(bytes: number) {
    this.#reserve = bytes * RESERVE;
    this.#left = bytes + this.#reserve;
  }

  /** It has begun to collect, and may be asked to give way. */
  enter(holder: Holder): void {
    this.#collecting.add(holder);
  }

  /** It is whole, or given up. */
  leave(holder: Holder): void {
    this.#collecting.delete(holder);
  }

  /** @returns false when there is not so much left for it */
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
