// Limits the memory that all request bodies use together, counting the bytes that have arrived. When the
// limit is reached, the gateway discards the large body that arrives slowest.

/** A body that is being collected. */
export interface Holder {
  readonly held: number;
  /** Bytes per millisecond, on average since the body began to arrive. */
  rate(now: number): number;
  /** Discards the body, and tells its client to send the request again later (429). */
  giveWay(): void;
}

/** In bytes. Up to this size, a request counts as small. */
const SMALL_BYTES = 1 << 20;
/** Extra memory for small requests, as a share of the limit. A few large requests can't use it up. */
const RESERVE = 1 / 8;

export class Allowance {
  #left: number;
  readonly #reserve: number;
  readonly #collecting = new Set<Holder>();

  constructor(bytes: number) {
    this.#reserve = bytes * RESERVE;
    this.#left = bytes + this.#reserve;
  }

  enter(holder: Holder): void {
    this.#collecting.add(holder);
  }

  leave(holder: Holder): void {
    this.#collecting.delete(holder);
  }

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
