// Runs background work, usually one task at a time, to leave the engine to the clients. Several tasks run
// when the queue is long.

export class BackgroundQueue {
  readonly #waitingForAnother: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** For each `waitingForAnother` tasks that wait, one more task runs at the same time. */
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
