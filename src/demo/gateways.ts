// The two gateways of the demo, in separate processes. A writer uses one of them. If this gateway refuses the
// connection, the writer sends the request to the other gateway, as a load balancer would do.
import { TwindexError } from '../errors.js';
import type { CommandLine, RunningCommand } from './commandLine.js';
import { EngineHttp, type Reply } from './http.js';

/** A long limit, for busy machines. If a gateway ends instead of starting, the demo notices it at once. */
const START_MS = 180_000;

/** How the requests of a writer reach the cluster. */
export interface Way {
  send(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: string,
    version?: number,
  ): Promise<Reply>;
}

/** Thrown if a request gets no response. `excused` is true if the gateway was killed meanwhile. */
export class Lost extends Error {
  readonly excused: boolean;
  constructor(cause: unknown, excused: boolean) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.excused = excused;
  }
}

class GatewayProcess {
  kills = 0;
  isDown = false;
  #command: RunningCommand | undefined;
  #http: EngineHttp | undefined;
  readonly #commands: CommandLine;

  constructor(commands: CommandLine) {
    this.#commands = commands;
  }

  get http(): EngineHttp {
    return this.#http as EngineHttp;
  }

  async start(): Promise<void> {
    const port = this.#http ? new URL(this.#http.url).port : '0';
    let listening = (_url: string): void => {};
    const url = new Promise<string>((resolve, reject) => {
      listening = resolve;
      const timer = setTimeout(
        () => reject(new TwindexError('failed', `a gateway is not ready after ${START_MS / 1000} s`)),
        START_MS,
      );
      timer.unref();
    });
    this.#command = this.#commands.start(['gateway', '--port', port], (event) => {
      if (event.event === 'listening') listening(String(event['url']));
    });
    const found = await Promise.race([url, this.#command.mustGoOn()]);
    // oxlint-disable-next-line twindex/atomic-updates -- a second start() comes only after kill()
    this.#http ??= new EngineHttp(found);
    this.isDown = false;
  }

  async kill(): Promise<void> {
    this.kills += 1;
    this.isDown = true;
    await this.#command?.kill();
  }

  async stop(): Promise<void> {
    await this.#command?.stop();
    await this.#http?.close();
  }
}

export class Gateways {
  readonly #processes: readonly GatewayProcess[];

  constructor(commands: CommandLine) {
    this.#processes = [new GatewayProcess(commands), new GatewayProcess(commands)];
  }

  async start(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.stop()));
  }

  async kill(which: number): Promise<void> {
    await this.#of(which).kill();
  }

  async restart(which: number): Promise<void> {
    await this.#of(which).start();
  }

  get kills(): number {
    return this.#processes.reduce((sum, { kills }) => sum + kills, 0);
  }

  /** @param onRerouted called when a gateway refuses the connection, and the request goes to the other gateway */
  way(which: number, onRerouted: () => void): Way {
    const send = async (
      process: GatewayProcess,
      ...[method, path, body, version]: Parameters<Way['send']>
    ): Promise<Reply> => {
      const { kills } = process;
      try {
        const headers = version === undefined ? {} : { 'x-twindex-version': String(version) };
        return await process.http.send(method, path, body, headers);
      } catch (error) {
        if (isRefused(error)) throw error;
        throw new Lost(error, process.isDown || process.kills !== kills);
      }
    };
    return {
      send: async (...request) => {
        try {
          return await send(this.#of(which), ...request);
        } catch (error) {
          if (!isRefused(error)) throw error;
          onRerouted();
          return await send(this.#of(which + 1), ...request).catch((second: unknown) => {
            throw second instanceof Lost ? second : new Lost(second, false);
          });
        }
      },
    };
  }

  #of(which: number): GatewayProcess {
    return this.#processes[which % this.#processes.length] as GatewayProcess;
  }
}

function isRefused(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
}

export function directWay(http: EngineHttp): Way {
  return {
    send: (method, path, body) =>
      http.send(method, path, body).catch((error: unknown) => {
        throw new Lost(error, false);
      }),
  };
}
