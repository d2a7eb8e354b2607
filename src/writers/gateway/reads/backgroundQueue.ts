// A queue for work that may wait, so that it takes no capacity from clients. Tasks run one after the other, and several at once
// only when the queue gets long.

export class BackgroundQueue {
  readonly #waitingForAnother: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param waitingForAnother one more task runs at the same time for each so many waiting ones */
  constructor(waitingForAnother: number) {
    this.#waitingForAnother = waitingForAnother;
  }

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
