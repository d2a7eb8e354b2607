// Gateways: processes with a real `Mirror` in each, between applications and the cluster. They die and are started again.
import { connect } from '../../src/cluster/cluster.js';
import { NotSent } from '../../src/cluster/connector.js';
import { isTwindexError } from '../../src/errors.js';
import { Mirror } from '../../src/writers/mirror/mirror.js';
import { NotSentError, UnansweredError, type Upstream } from '../../src/writers/mirror/request/upstream.js';
import type { IndexDefinition } from '../../src/schema/types.js';
import type { Faults } from './faults.js';
import type { SimulatedNetwork } from './network.js';
import type { HttpAnswer, HttpRequest, Process, World } from './world.js';

const UPSTREAM_TIMEOUT_MS = 5_000;

interface Gateway {
  readonly process: Process;
  mirror: Mirror | undefined;
}

export interface GatewayParts {
  readonly world: World;
  readonly network: SimulatedNetwork;
  readonly faults: Faults;
  readonly definition: IndexDefinition;
  readonly leaseMs: number;
  readonly onBug: (error: unknown) => void;
}

export class Gateways {
  readonly #parts: GatewayParts;
  readonly #gateways: (Gateway | undefined)[] = [];
  #stopped = false;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  /** Keeps so many running. */
  start(count: number): void {
    for (let n = 0; n < count; n++) void this.#keep(n).catch((error: unknown) => this.#parts.onBug(error));
  }

  stop(): void {
    this.#stopped = true;
    for (const gateway of this.#gateways) if (gateway) gateway.process.dead = true;
  }

  /** How an application reaches its gateway. */
  transport(n: number): (process: Process, request: HttpRequest) => Promise<HttpAnswer> {
    return (process, request) => this.#send(n, process, request);
  }

  async #keep(n: number): Promise<void> {
    const { world, faults } = this.#parts;
    while (!this.#stopped) {
      const process = world.startProcess(`gateway-${n}-${world.nextNumber()}`);
      const gateway: Gateway = { process, mirror: undefined };
      this.#gateways[n] = gateway;
      faults.threaten(process);
      void this.#run(gateway);
      while (!process.dead) await world.clock.sleep(200);
      this.#gateways[n] = undefined;
      await world.clock.sleep(world.random.delay(500, 3_000));
    }
  }

  async #run(gateway: Gateway): Promise<void> {
    const { world, definition, leaseMs, onBug } = this.#parts;
    const { process } = gateway;
    try {
      gateway.mirror = await world.within(process, async () => {
        const cluster = await connect({ nodes: [process.origin], requestTimeoutMs: 5_000 });
        return await Mirror.start({ cluster, definitions: [definition], type: 'gateway', leaseMs });
      });
    } catch (error) {
      if (!isTwindexError(error)) onBug(error);
      process.dead = true; // it says why, and is started again
    }
  }

  #send(n: number, process: Process, request: HttpRequest): Promise<HttpAnswer> {
    const { world, faults, onBug } = this.#parts;
    const gateway = this.#gateways[n];
    const wireMs = (): number => world.random.delay(faults.weather.slowMs / 3, faults.weather.slowMs * 2);
    return new Promise((resolve, reject) => {
      const mirror = gateway?.mirror;
      if (!gateway || !mirror || gateway.process.dead) {
        world.clock.schedule(wireMs(), () => reject(new NotSent(new Error('connect ECONNREFUSED'))), process);
        return;
      }
      const work = async (): Promise<HttpAnswer> => {
        const { method, path: url, headers, body } = request;
        const decision = mirror.decide(method, url, headers);
        return await mirror.perform(
          decision,
          { method, url, headers, body },
          this.#upstream(gateway.process),
        );
      };
      world.clock.schedule(
        wireMs(),
        () => {
          work().then(
            (answer) => world.clock.schedule(wireMs(), () => resolve(answer), process),
            (error: unknown) => {
              // the gateway's HTTP half makes 502 and 504 of these
              if (
                !(error instanceof UnansweredError) &&
                !(error instanceof NotSentError) &&
                !isTwindexError(error)
              )
                onBug(error);
              const status = error instanceof NotSentError ? 503 : 502;
              const answer = { status, headers: {}, body: Buffer.from(String(error)) };
              world.clock.schedule(wireMs(), () => resolve(answer), process);
            },
          );
        },
        gateway.process,
      );
    });
  }

  #upstream(process: Process): Upstream {
    const { network } = this.#parts;
    return {
      to() {
        return this;
      },
      async send({ method, path, headers, body }) {
        const bytes = body === undefined || Buffer.isBuffer(body) ? body : Buffer.concat(body);
        const sent = Object.entries(headers).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        );
        const stop = new AbortController();
        const timer = setTimeout(() => stop.abort(new UnansweredError('timed out')), UPSTREAM_TIMEOUT_MS);
        try {
          return await network.send(
            process,
            { method, path, headers: Object.fromEntries(sent), body: bytes },
            stop.signal,
          );
        } catch (error) {
          if (error instanceof NotSent) throw new NotSentError(error.message);
          throw error instanceof UnansweredError ? error : new UnansweredError(String(error));
        } finally {
          clearTimeout(timer);
        }
      },
    };
  }
}
