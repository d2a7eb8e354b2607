// Work that may wait, so that it does not take the engine from those who can't: one after the other, and more at once only
// where it does not keep up.

export class BackgroundQueue {
  readonly #waitingForAnother: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param waitingForAnother for each so many that wait one more is done at the same time */
  constructor(waitingForAnother: number) {
    this.#waitingForAnother = waitingForAnother;
  }

  /** Does it when it is its turn. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#running--;
      this.#next();
    }
  }

  #next(): void {
    while (this.#running < 1 + Math.floor(this.#waiting.length / this.#waitingForAnother)) {
      const start = this.#waiting.shift();
      if (!start) return;
      this.#running++;
      start();
    }
  }
}
