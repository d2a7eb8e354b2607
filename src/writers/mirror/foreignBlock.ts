// Recognises a write block that is not twindex's. For a moment after a hold, writes may still be refused
// because of the hold's block. A block that stays longer was set by somebody else, so the client gets the
// engine's error.

const AFTER_MS = 1_000;

/** Create one instance for each request of a client. */
export class ForeignBlock {
  #met: { readonly generation: number; readonly at: number } | undefined;

  /**
   * @param generation the generation of the refused write. In a new generation the block may be a new one, so
   * the time is measured anew
   */
  isForeign(generation: number): boolean {
    const now = performance.now();
    if (this.#met?.generation !== generation) this.#met = { generation, at: now };
    return now - this.#met.at > AFTER_MS;
  }
}
