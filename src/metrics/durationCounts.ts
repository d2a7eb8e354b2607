// Counts durations in ranges, for a Prometheus histogram. `add` runs for every request, so unlike `observe`
// of prom-client, it neither allocates memory nor builds a key from labels.

/** Upper ends of the ranges, in seconds. */
export const DURATION_BOUNDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

const BOUNDS_MS = Float64Array.from(DURATION_BOUNDS, (seconds) => seconds * 1_000);

export class DurationCounts {
  readonly #counts = new Float64Array(BOUNDS_MS.length);
  #sumMs = 0;
  #count = 0;

  add(ms: number): void {
    this.#count++;
    this.#sumMs += ms;
    let range = 0;
    while (range < BOUNDS_MS.length && ms > (BOUNDS_MS[range] as number)) range++;
    if (range < BOUNDS_MS.length) this.#counts[range] = (this.#counts[range] as number) + 1;
  }

  get count(): number {
    return this.#count;
  }

  get sumSeconds(): number {
    return this.#sumMs / 1_000;
  }

  /** For each bound: how many durations were at most as long. */
  get cumulative(): number[] {
    let below = 0;
    return Array.from(this.#counts, (count) => (below += count));
  }
}
