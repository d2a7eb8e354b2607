// A write block is a part of each hold, and may be left over from one for a moment. One that stays while nobody holds is
// somebody else's, and the client's to know of.

const AFTER_MS = 1_000;

/** What one request has met. */
export class ForeignBlock {
  #met: { readonly generation: number; readonly at: number } | undefined;

  /** @param generation that was refused with it: under another one it may be another block */
  isForeign(generation: number): boolean {
    const now = performance.now();
    if (this.#met?.generation !== generation) this.#met = { generation, at: now };
    return now - this.#met.at > AFTER_MS;
  }
}
