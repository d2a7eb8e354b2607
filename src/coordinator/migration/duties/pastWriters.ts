// How many documents came past the writers of ours: following brought them, and no writer can have had a part in that. Only a
// lower bound can be known for certain, since a writer says with its heartbeat only which of its copies following may have
// brought instead; so this counts what is beyond any doubt, and never falls. Pure.

/** What is known at one moment, each added up since the beginning. */
interface Replicated {
  /** Documents that following brought while writers were mirroring, as of before the last heartbeat of each of them. */
  readonly byFollowing: number;
  /** Those of them that writers may have sent, too, as of now. */
  readonly explained: number;
}

export class PastWriters {
  #counted: number;
  #base = Number.NEGATIVE_INFINITY;
  /** Beyond what was counted, since it was counted last. */
  #most = 0;

  /** @param before what was counted before this coordinator */
  constructor(before: number) {
    this.#counted = before;
  }

  /**
   * @param counts false as long as following may bring what was written before all writers mirrored, or what a writer did for
   * a coordinator before this one: that came past nobody
   */
  note({ byFollowing, explained }: Replicated, counts: boolean): void {
    const unexplained = byFollowing - explained;
    if (counts) {
      this.#most = Math.max(this.#most, unexplained - this.#base);
      return;
    }
    this.#counted += this.#most;
    this.#most = 0;
    this.#base = Math.max(this.#base, unexplained);
  }

  get count(): number {
    return this.#counted + this.#most;
  }
}
