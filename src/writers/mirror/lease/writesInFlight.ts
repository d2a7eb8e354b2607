// Counts a writer's writes and copies in flight, by generation. The coordinator may close a generation only
// when its last write or copy has ended.

export class WritesInFlight {
  readonly #onDrained: () => void;
  readonly #byGeneration = new Map<number, number>();
  #unawaitedCopies = 0;

  /** @param onDrained is called when a generation has no write in flight any more */
  constructor(onDrained: () => void) {
    this.#onDrained = onDrained;
  }

  get count(): number {
    let count = 0;
    for (const writes of this.#byGeneration.values()) count += writes;
    return count;
  }

  /** The oldest generation with a write in flight; `Infinity` if there is none. */
  get oldest(): number {
    return Math.min(...this.#byGeneration.keys());
  }

  get hasUnawaitedCopies(): boolean {
    return this.#unawaitedCopies > 0;
  }

  /** @returns a function that ends the write and may be called twice */
  begin(generation: number): () => void {
    this.#byGeneration.set(generation, (this.#byGeneration.get(generation) ?? 0) + 1);
    let isCounted = true;
    return () => {
      if (!isCounted) return;
      isCounted = false;
      const left = (this.#byGeneration.get(generation) ?? 1) - 1;
      if (left > 0) this.#byGeneration.set(generation, left);
      else {
        this.#byGeneration.delete(generation);
        this.#onDrained();
      }
    };
  }

  /** For a copy that no write waits for. @returns a function to call once, when the copy has ended */
  beginCopy(generation: number): () => void {
    const end = this.begin(generation);
    this.#unawaitedCopies++;
    return () => {
      this.#unawaitedCopies--;
      end();
      if (this.#unawaitedCopies === 0) this.#onDrained();
    };
  }
}
