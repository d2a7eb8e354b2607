// A fixed number of slots, to limit how much is held in memory at one time.

export class Slots {
  #left: number;

  constructor(count: number) {
    this.#left = count;
  }

  /** @returns false if no slot is free; if true, the caller has to call `release` */
  take(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }

  release(): void {
    this.#left++;
  }
}
