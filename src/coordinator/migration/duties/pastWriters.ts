// Counts the documents that bypassed the gateways and client libraries: following copied them, and no writer can have copied
// them. A writer reports only with its heartbeats which copies following may have made in its place. So only a lower bound is
// certain. This counts the certain ones, and never falls. Pure.

/** Totals since the beginning, at one moment. */
interface Replicated {
  /**
   * Documents that following copied while writers were mirroring, up to a moment before the last heartbeat of each writer.
   */
  readonly byFollowing: number;
  /** The part of them that writers may have sent too, up to now. */
  readonly explained: number;
}

export class PastWriters {
  #counted: number;
  #base = Number.NEGATIVE_INFINITY;
  /** The highest number found in the current phase, on top of `#counted`. */
  #most = 0;

  /** @param before the count of earlier coordinators */
  constructor(before: number) {
    this.#counted = before;
  }

  /**
   *
   * @param counts false while following may copy operations from before all writers mirrored, or operations of writers that an
   * earlier coordinator knew: those did not bypass anybody
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
