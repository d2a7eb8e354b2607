// The running application: four readers and four writers, each at its own pace, until they are stopped.
import { setTimeout as sleep } from 'node:timers/promises';
import { Assortment, WRITERS } from './assortment.js';
import { keyOf, productOf, seededRandom } from './catalogue.js';
import type { EngineHttp } from './http.js';
import { Reader, ReadTally } from './reader.js';
import { WriteRecord } from './record.js';
import { type Release, Writer, WriteTally } from './writer.js';

const READERS = 4;

export interface WorkloadOptions {
  readonly http: EngineHttp;
  /** Name of the index; its aliases are `<name>-read` and `<name>-write`. */
  readonly name: string;
  readonly documents: number;
  readonly scripts: boolean;
  /** Requests per second of all readers and writers together. */
  readonly rate: number;
  readonly seed: number;
}

export class Workload {
  readonly reads = new ReadTally();
  readonly writes = new WriteTally();
  readonly record = new WriteRecord();
  readonly release: Release = { version: 1 };
  readonly #options: WorkloadOptions;
  readonly #stop = new AbortController();
  #running: Promise<unknown> | undefined;
  #writersMayGoOn: Promise<void> = Promise.resolve();
  #writing = 0;

  constructor(options: WorkloadOptions) {
    this.#options = options;
    for (let n = 0; n < options.documents; n++) this.record.seed(keyOf(n), () => productOf(n));
  }

  start(): void {
    const { rate, seed } = this.#options;
    const perSecond = rate / (READERS + WRITERS);
    const readers = Array.from({ length: READERS }, (_, at) => this.#reader(seededRandom(seed + 100 + at)));
    const writers = Array.from({ length: WRITERS }, (_, at) =>
      this.#writer(at, seededRandom(seed + 200 + at)),
    );
    this.#running = Promise.all(
      [...readers, ...writers].map((act, at) => this.#keepPace(perSecond, seededRandom(seed + at), act)),
    );
  }

  /** Lets no writer begin anything until the work is done; what is on its way is waited for first. */
  async whileNobodyWrites<T>(work: () => Promise<T>): Promise<T> {
    let goOn = () => {};
    this.#writersMayGoOn = new Promise((resolve) => {
      goOn = resolve;
    });
    try {
      while (this.#writing > 0) await sleep(10);
      return await work();
    } finally {
      goOn();
    }
  }

  /** Stops all; what is on its way is waited for. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #reader(random: () => number): () => Promise<void> {
    const { http, name, documents } = this.#options;
    const reader = new Reader({ http, alias: `${name}-read`, documents, random, tally: this.reads });
    return () => reader.read();
  }

  #writer(number: number, random: () => number): () => Promise<void> {
    const { http, name, documents, scripts } = this.#options;
    const assortment = new Assortment({ writer: number, documents, random, scripts });
    const { record, writes: tally, release } = this;
    const writer = new Writer({ http, alias: `${name}-write`, number, record, tally, release });
    return async () => {
      await this.#writersMayGoOn;
      this.#writing += 1;
      try {
        const { writes, settle } = assortment.next();
        settle(await writer.write(writes));
      } finally {
        this.#writing -= 1;
      }
    };
  }

  async #keepPace(perSecond: number, random: () => number, act: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    let next = performance.now();
    while (!signal.aborted) {
      await act();
      // Never faster than the rate, and no catching up after a slow moment.
      next = Math.max(next + ((0.5 + random()) * 1000) / perSecond, performance.now());
      await sleep(next - performance.now(), undefined, { signal }).catch(() => {});
    }
  }
}
