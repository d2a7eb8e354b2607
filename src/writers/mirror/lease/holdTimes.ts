// Measures for a writer's metrics how often and how long the writes to an index had to wait in a hold.

export interface Holding {
  /** How long the present hold has lasted; 0 if there is none. */
  readonly presentMs: number;
  readonly count: number;
  readonly totalMs: number;
}

export class HoldTimes {
  #count = 0;
  #endedMs = 0;
  #since: number | undefined;

  update(isHeld: boolean, now = performance.now()): void {
    if (isHeld === (this.#since !== undefined)) return;
    if (isHeld) {
      this.#count++;
      this.#since = now;
    } else {
      this.#endedMs += this.#presentMs(now);
      this.#since = undefined;
    }
  }

  get view(): Holding {
    const presentMs = this.#presentMs(performance.now());
    return { presentMs, count: this.#count, totalMs: this.#endedMs + presentMs };
  }

  #presentMs(now: number): number {
    return this.#since === undefined ? 0 : now - this.#since;
  }
}
