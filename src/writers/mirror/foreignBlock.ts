// Recognises a write block that is not twindex's. Writes may meet the block of a hold for a moment after the
// hold. A block that stays longer was set by somebody else, and the client gets its error.

const AFTER_MS = 1_000;

/** Each request of a client has its own instance. */
export class ForeignBlock {
  #met: { readonly generation: number; readonly at: number } | undefined;

  /** @param generation of the refused write. A new generation may have a new block: the time begins anew */
  isForeign(generation: number): boolean {
    const now = performance.now();
    if (this.#met?.generation !== generation) this.#met = { generation, at: now };
    return now - this.#met.at > AFTER_MS;
  }
}
