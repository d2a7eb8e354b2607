// Puts the simulated world in the place of Node's timers and random ids, of HTTP, and of the guardian's process. Where
// no world runs, everything is as it always is.
import { vi } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import type { MigrationRecord } from '../../src/protocol/record.js';
import { world } from './world.js';

vi.mock('node:timers/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:timers/promises')>();
  const sleep = (ms?: number, value?: unknown, options?: { signal?: AbortSignal; ref?: boolean }) =>
    world() ? virtualSleep(ms ?? 1, value, options?.signal) : real.setTimeout(ms, value, options);
  return { ...real, setTimeout: sleep };
});

function virtualSleep<T>(ms: number, value: T, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      clearTimeout(timer);
      const error = new Error('The operation was aborted', { cause: signal?.reason });
      reject(Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' }));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', aborted);
      resolve(value);
    }, ms);
    if (signal?.aborted) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
  });
}

vi.mock('node:crypto', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:crypto')>();
  return {
    ...real,
    randomUUID: () => {
      const hex = world()?.codeRandom.hex(16);
      return hex
        ? `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
        : real.randomUUID();
    },
    randomBytes: (size: number) => {
      const hex = world()?.codeRandom.hex(size);
      return hex ? Buffer.from(hex, 'hex') : real.randomBytes(size);
    },
  };
});

interface PoolRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | null;
  readonly signal?: AbortSignal;
}

vi.mock('undici', async (importOriginal) => {
  const real = await importOriginal<typeof import('undici')>();
  class SimulatedPool {
    readonly #origin: string;

    constructor(origin: string) {
      this.#origin = origin;
    }

    async request({ method, path, headers = {}, body, signal }: PoolRequest) {
      const here = world();
      if (!here?.network) throw new Error(`${this.#origin} is not in this world`);
      const sent = {
        method,
        path,
        headers,
        body: body == null ? undefined : Buffer.from(body as Uint8Array),
      };
      const answer = await here.network.send(here.processAt(this.#origin), sent, signal);
      return { statusCode: answer.status, headers: answer.headers, body: bytesOf(answer.body) };
    }

    async destroy(): Promise<void> {}
  }
  return { ...real, Pool: SimulatedPool };
});

function bytesOf(body: Buffer): AsyncIterable<Buffer> & { destroy(): void } {
  return {
    async *[Symbol.asyncIterator]() {
      yield body;
    },
    destroy() {},
  };
}

vi.mock('../../src/coordinator/migration/succession/guardianClient.js', () => {
  class SimulatedGuardian {
    readonly #record: Pick<MigrationRecord, 'name' | 'options'>;
    #disarm: (() => void) | undefined;

    constructor(_cluster: Cluster, record: Pick<MigrationRecord, 'name' | 'options'>) {
      this.#record = record;
    }

    async arm(): Promise<void> {
      if (this.#disarm) return;
      const { name, options } = this.#record;
      // oxlint-disable-next-line twindex/atomic-updates -- the machine arms it in one turn after the other
      this.#disarm = await world()?.armGuardian?.(name, options.leaseMs);
    }

    disarm(): void {
      this.#disarm?.();
      this.#disarm = undefined;
    }
  }
  return { Guardian: SimulatedGuardian };
});
