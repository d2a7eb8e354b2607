// Counts documents that certainly bypassed the writers: following has copied them, and no writer can have
// copied them. Writers report only with their heartbeats how many of their copies following has made first.
// The count never falls. Pure.

interface Replicated {
  /** Copies that following made while writers mirrored, before the last heartbeat of each writer. */
  readonly byFollowing: number;
  /** How many of these copies the writers may have sent, too, according to their heartbeats. */
  readonly explained: number;
}

export class PastWriters {
  #counted: number;
  #base = Number.NEGATIVE_INFINITY;
  /**
   * The highest count in the present period in which documents are counted; `#counted` has the earlier
   * periods.
   */
  #most = 0;

  /** @param before the count of earlier coordinators */
  constructor(before: number) {
    this.#counted = before;
  }

  /**
   * @param counts false while following may copy operations that did not bypass a writer: operations from
   * before all writers mirrored, or of writers that only an earlier coordinator knew
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
