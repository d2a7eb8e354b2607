// Computes percentiles of latencies, exact to 10 %, by counting latencies in ranges that grow by 10 % each.

const FIRST_MS = 0.1;
const GROWTH = 1.1;
/** The last range is for latencies above 20 s. */
const RANGES = 130;

interface Percentiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export class Latencies {
  readonly #counts = new Uint32Array(RANGES);
  #count = 0;

  add(ms: number): void {
    const range = Math.ceil(Math.log(Math.max(ms, FIRST_MS) / FIRST_MS) / Math.log(GROWTH));
    const at = Math.min(range, RANGES - 1);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#count++;
  }

  percentiles(): Percentiles {
    return { p50Ms: this.#upperEndAt(0.5), p95Ms: this.#upperEndAt(0.95) };
  }

  #upperEndAt(part: number): number {
    if (this.#count === 0) return 0;
    const wanted = Math.max(1, Math.ceil(part * this.#count));
    let below = 0;
    let range = 0;
    while (range < RANGES - 1) {
      below += this.#counts[range] ?? 0;
      if (below >= wanted) break;
      range++;
    }
    return Math.round(FIRST_MS * GROWTH ** range * 100) / 100;
  }
}
