// Counts documents that certainly bypassed the writers: following copied them, and no writer can have.
// Writers report only in heartbeats which copies following made for them. The count never falls. Pure.

/** Totals since the beginning. */
interface Replicated {
  /** Copies by following while writers mirrored, up to a time before each writer's last heartbeat. */
  readonly byFollowing: number;
  /** Those copies that writers may have sent too, up to now. */
  readonly explained: number;
}

export class PastWriters {
  #counted: number;
  #base = Number.NEGATIVE_INFINITY;
  /** The highest number since `counts` became true, on top of `#counted`. */
  #most = 0;

  /** @param before the count of earlier coordinators */
  constructor(before: number) {
    this.#counted = before;
  }

  /**
   * @param counts false while following may copy operations that bypassed nobody: they are from before all
   * writers mirrored, or of writers that only an earlier coordinator knew
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
