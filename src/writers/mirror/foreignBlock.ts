// Recognises a write block of somebody else. A hold sets a block too, which may be left over for a moment. A block that stays
// while nobody holds is not from twindex, and the client gets its error.

const AFTER_MS = 1_000;

/** The blocks that one request has met. */
export class ForeignBlock {
  #met: { readonly generation: number; readonly at: number } | undefined;

  /** @param generation the generation that was refused; under another generation it may be another block */
  isForeign(generation: number): boolean {
    const now = performance.now();
    if (this.#met?.generation !== generation) this.#met = { generation, at: now };
    return now - this.#met.at > AFTER_MS;
  }
}
