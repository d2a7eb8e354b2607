// The running application: four readers and four writers, which share the rate equally, until they are stopped.
import { setTimeout as sleep } from 'node:timers/promises';
import { Assortment, WRITERS } from './assortment.js';
import { keyOf, productOf, seededRandom } from './catalogue.js';
import { directWay, type Gateways } from './gateways.js';
import type { EngineHttp } from './http.js';
import { Reader, ReadTally } from './reader.js';
import { WriteRecord } from './writeRecord.js';
import { type Release, Writer, WriteTally } from './writer.js';

const READERS = 4;

export interface WorkloadOptions {
  readonly http: EngineHttp;
  /** All writers but the last use a gateway; after its redeployment the last, too. Undefined: none uses a gateway. */
  readonly gateways?: Gateways | undefined;
  /** The name of the catalogue. Its aliases are `<name>-read` and `<name>-write`. */
  readonly name: string;
  readonly documents: number;
  readonly scripts: boolean;
  readonly rate: number;
  readonly seed: number;
}

export class Workload {
  readonly reads = new ReadTally();
  readonly writes = new WriteTally();
  readonly record = new WriteRecord();
  readonly releases: readonly Release[];
  readonly #options: WorkloadOptions;
  readonly #stop = new AbortController();
  /** Whether version 2 may use scripts. Always true without gateways: writers change to version 2 after the switch. */
  scriptsOfVersion2: boolean;
  #running: Promise<unknown> | undefined;
  #writersMayGoOn: Promise<void> = Promise.resolve();
  #writing = 0;

  constructor(options: WorkloadOptions) {
    this.#options = options;
    const { gateways, http } = options;
    this.scriptsOfVersion2 = !gateways;
    const direct = { version: 1, way: directWay(http), byGateway: false };
    this.releases = Array.from({ length: WRITERS }, (_, at) =>
      gateways && at < WRITERS - 1 ? { ...this.#byGateway(gateways, at), version: 1 } : { ...direct },
    );
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

  /** Runs `work` while all writers pause and none of their requests is in flight. */
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

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  redeploy(at: number): void {
    const { gateways } = this.#options;
    const release = this.releases[at] as Release;
    Object.assign(release, { version: 2 }, gateways && this.#byGateway(gateways, at));
  }

  #byGateway(gateways: Gateways, at: number): Pick<Release, 'way' | 'byGateway'> {
    const onRerouted = (): void => {
      this.writes.rerouted += 1;
    };
    return { way: gateways.way(at, onRerouted), byGateway: true };
  }

  #reader(random: () => number): () => Promise<void> {
    const { http, name, documents } = this.#options;
    const reader = new Reader({ http, alias: `${name}-read`, documents, random, tally: this.reads });
    return () => reader.read();
  }

  #writer(number: number, random: () => number): () => Promise<void> {
    const { name, documents, scripts } = this.#options;
    const { record, writes: tally } = this;
    const release = this.releases[number] as Release;
    // A script fits only one shape. So version 2 uses scripts only after the switch, on documents of its own
    // shape.
    const mayScript = (): boolean => scripts && (release.version === 1 || this.scriptsOfVersion2);
    const assortment = new Assortment({ writer: number, documents, random, scripts: mayScript });
    const writer = new Writer({ alias: `${name}-write`, number, record, tally, release });
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
      // After a slow moment, the requests that are late are left out, so that the rate is never exceeded.
      next = Math.max(next + ((0.5 + random()) * 1000) / perSecond, performance.now());
      await sleep(next - performance.now(), undefined, { signal }).catch(() => {});
    }
  }
}
