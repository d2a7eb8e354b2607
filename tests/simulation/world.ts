// The world that the code under simulation lives in: clock, timers, random numbers and network are those of the
// simulation that runs at the moment. setup.ts puts it in the place of Node's.
import type { Owner, Timer } from './clock.js';
import { VirtualClock } from './clock.js';
import { Random } from './random.js';

/** A process of ours: a coordinator, a guardian, a gateway, an application. */
export interface Process extends Owner {
  readonly origin: string;
}

/** What the network carries. */
export interface HttpRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Network {
  send(process: Process, request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpAnswer>;
}

const START = Date.UTC(2026, 0, 1);

export class World {
  readonly clock = new VirtualClock();
  readonly random: Random;
  /** For what the code itself draws: ids, jitter. */
  readonly codeRandom: Random;
  /** Rules that are taken out in this run. */
  readonly without: ReadonlySet<string>;
  readonly #processes = new Map<string, Process>();
  #number = 0;
  network: Network | undefined;
  armGuardian: ((name: string, leaseMs: number) => Promise<() => void>) | undefined;

  constructor(seed: number, without: readonly string[] = []) {
    this.random = new Random(seed);
    this.codeRandom = this.random.fork();
    this.without = new Set(without);
  }

  /** For names and values. */
  nextNumber(): number {
    return ++this.#number;
  }

  startProcess(name: string): Process {
    const origin = `http://${name}.sim:9200`;
    const process: Process = { name, origin, dead: false, pausedUntil: 0 };
    this.#processes.set(origin, process);
    return process;
  }

  processAt(origin: string): Process {
    const process = this.#processes.get(origin);
    if (!process) throw new Error(`no process has the address ${origin}`);
    return process;
  }

  /** Starts code as this process: its timers stop with it. What it gives reaches the process that asked. */
  within<T>(process: Process, work: () => Promise<T>): Promise<T> {
    const asking = this.process;
    return new Promise((resolve, reject) => {
      const back = (settle: () => void): void => {
        this.clock.schedule(0, settle, asking);
      };
      this.clock.schedule(
        0,
        () => {
          work().then(
            (value) => back(() => resolve(value)),
            (error: unknown) => back(() => reject(error)),
          );
        },
        process,
      );
    });
  }

  get process(): Process | undefined {
    return this.clock.current as Process | undefined;
  }
}

let current: World | undefined;

export function world(): World | undefined {
  return current;
}

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  setImmediate: globalThis.setImmediate,
  clearInterval: globalThis.clearInterval,
  Date: globalThis.Date,
  random: Math.random,
  abortTimeout: AbortSignal.timeout.bind(AbortSignal),
};

/** Everything that runs until it returns lives in this world. One at a time. */
export async function inWorld<T>(here: World, work: () => Promise<T>): Promise<T> {
  if (current) throw new Error('one world at a time');
  current = here;
  install(here);
  try {
    return await work();
  } finally {
    uninstall();
    current = undefined;
  }
}

function install(here: World): void {
  const { clock } = here;
  const timeNow = (): number => Math.floor(START + clock.now);
  globalThis.setTimeout = ((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
    new VirtualTimeout(here, () => run(...args), ms, false)) as unknown as typeof setTimeout;
  globalThis.setInterval = ((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
    new VirtualTimeout(here, () => run(...args), ms, true)) as unknown as typeof setInterval;
  globalThis.setImmediate = ((run: (...args: unknown[]) => void, ...args: unknown[]) =>
    clock.schedule(0, () => run(...args), here.process)) as unknown as typeof setImmediate;
  globalThis.clearTimeout = cancel;
  globalThis.clearInterval = cancel;
  globalThis.Date = class extends real.Date {
    constructor(...args: []) {
      super(...(args.length === 0 ? ([timeNow()] as unknown as []) : args));
    }

    static override now(): number {
      return timeNow();
    }
  } as DateConstructor;
  Math.random = () => here.codeRandom.next();
  Object.defineProperty(performance, 'now', { configurable: true, value: () => clock.now });
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException('timed out', 'TimeoutError')), ms);
    return controller.signal;
  };
}

function uninstall(): void {
  const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, Date } = real;
  Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, Date });
  Math.random = real.random;
  delete (performance as { now?: unknown }).now;
  AbortSignal.timeout = real.abortTimeout;
}

class VirtualTimeout {
  readonly #world: World;
  readonly #process: Process | undefined;
  readonly #run: () => void;
  readonly #ms: number;
  readonly #repeats: boolean;
  #timer: Timer;

  constructor(here: World, run: () => void, ms: number, repeats: boolean) {
    this.#world = here;
    this.#process = here.process;
    this.#run = run;
    this.#ms = ms;
    this.#repeats = repeats;
    this.#timer = this.#schedule();
  }

  #schedule(): Timer {
    return this.#world.clock.schedule(Math.max(1, this.#ms), () => this.#fire(), this.#process);
  }

  #fire(): void {
    if (this.#repeats) this.#timer = this.#schedule();
    this.#run();
  }

  cancel(): void {
    this.#timer.cancelled = true;
  }

  refresh(): this {
    this.cancel();
    this.#timer = this.#schedule();
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

function cancel(timeout: unknown): void {
  if (timeout instanceof VirtualTimeout) timeout.cancel();
  else real.clearTimeout(timeout as NodeJS.Timeout);
}
