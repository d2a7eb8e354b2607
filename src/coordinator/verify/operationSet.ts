// Stores a set of operation numbers as bits, because there may be very many numbers close together. Pure.

const CHUNK = 1 << 16;

export class OperationSet {
  readonly #chunks = new Map<number, Uint8Array>();

  add(operation: number): void {
    const number = Math.floor(operation / CHUNK);
    let chunk = this.#chunks.get(number);
    if (!chunk) this.#chunks.set(number, (chunk = new Uint8Array(CHUNK / 8)));
    const [at, bit] = indexRefOf(operation);
    chunk[at] = (chunk[at] as number) | bit;
  }

  /** @returns false if the set does not have the operation */
  take(operation: number): boolean {
    const chunk = this.#chunks.get(Math.floor(operation / CHUNK));
    const [at, bit] = indexRefOf(operation);
    const byte = chunk?.[at] ?? 0;
    if (!chunk || (byte & bit) === 0) return false;
    chunk[at] = byte & ~bit;
    return true;
  }

  /** The operations that were not taken, ascending. */
  *left(): Generator<number> {
    for (const number of [...this.#chunks.keys()].sort((a, b) => a - b)) {
      const chunk = this.#chunks.get(number) as Uint8Array;
      for (const [at, byte] of chunk.entries()) {
        if (byte === 0) continue;
        for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) yield number * CHUNK + at * 8 + bit;
      }
    }
  }
}

function indexRefOf(operation: number): [at: number, bit: number] {
  const place = operation % CHUNK;
  return [place >> 3, 1 << (place & 7)];
}
