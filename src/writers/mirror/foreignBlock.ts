// Recognises a write block that somebody else has set. The block of a hold may be left over for a moment. A
// block that stays longer is not from twindex, and the client gets its error.

const AFTER_MS = 1_000;

/** The blocks that one request has met. */
export class ForeignBlock {
  #met: { readonly generation: number; readonly at: number } | undefined;

  /**
   * @param generation of the refused write. Another generation may have a new block, so the time begins anew
   */
  isForeign(generation: number): boolean {
    const now = performance.now();
    if (this.#met?.generation !== generation) this.#met = { generation, at: now };
    return now - this.#met.at > AFTER_MS;
  }
}
