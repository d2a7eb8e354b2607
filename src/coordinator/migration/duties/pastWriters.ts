// Counts documents that certainly bypassed the writers: following has copied them, and no writer can have
// sent these copies. With each heartbeat, a writer reports how many of its copies came too late, because
// following had already made them. The count never falls. Pure.

interface Replicated {
  /** Copies that following made while the writers mirrored, before the oldest of the writers' last heartbeats. */
  readonly byFollowing: number;
  /** How many of these copies the writers may have sent as well, according to their heartbeats. */
  readonly explained: number;
}

export class PastWriters {
  #counted: number;
  #base = Number.NEGATIVE_INFINITY;
  /** The highest count since `counts` was last false. `#counted` has the count before that. */
  #most = 0;

  /** @param before the documents that earlier coordinators have counted */
  constructor(before: number) {
    this.#counted = before;
  }

  /**
   * @param counts false while following may copy operations that did not bypass a writer: operations that are
   * older than the mirroring, or of writers that only an earlier coordinator knew
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
