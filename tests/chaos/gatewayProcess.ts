// `twindex gateway` as a process of its own, which a test can kill and start again.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { eventually } from '../eventually.js';
import type { Project, Running } from './project.js';

const WAIT_MS = 120_000;

/** A gateway as a process of its own, always at the same address. */
export class GatewayProcess {
  readonly url: string;
  readonly #project: Project;
  readonly #port: number;
  #running: Running | undefined;

  private constructor(project: Project, port: number) {
    this.#project = project;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(project: Project): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(project, await freePort());
    await gateway.start();
    return gateway;
  }

  async start(): Promise<void> {
    const running = this.#project.start(['gateway', '--port', String(this.#port), '--json']);
    this.#running = running;
    const isListening = (): boolean => {
      if (running.child.exitCode !== null) throw new Error(running.output());
      return running.output().includes('"listening"');
    };
    await eventually(() => `the gateway listens\n${running.output()}`, isListening, WAIT_MS);
  }

  async kill(): Promise<void> {
    this.#running?.child.kill('SIGKILL');
    await this.#running?.ended;
  }

  /** As an operator stops it. @returns its exit code */
  async stop(): Promise<number | null | undefined> {
    this.#running?.child.kill('SIGTERM');
    return (await this.#running?.ended)?.code;
  }

  get output(): string {
    return this.#running?.output() ?? '';
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
