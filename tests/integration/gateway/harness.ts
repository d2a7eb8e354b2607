// A gateway in this process, before the engine of the tests or before a node whose every byte a test decides; and a
// client that sends raw bytes.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createTcpServer,
  type Socket,
} from 'node:net';
import { onTestFinished } from 'vitest';
import {
  type Gateway,
  type GatewayOptions,
  startGateway,
} from '../../../src/writers/gateway/gatewayServer.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { ClusterOptions } from '../../../src/cluster/clusterOptions.js';
import { testCluster } from '../engine.js';

export type MirrorPart = Partial<GatewayOptions['mirror']>;

export interface Given extends Partial<Omit<GatewayOptions, 'mirror' | 'cluster'>> {
  /** Addresses of the nodes; the engine of the tests when left out. */
  readonly nodes?: readonly string[];
  readonly clusterOptions?: Partial<ClusterOptions>;
  /** Hands everything on when left out. */
  readonly mirror?: MirrorPart;
}

/** Stopped when the test ends. */
export async function openGateway({
  nodes,
  clusterOptions,
  mirror,
  ...options
}: Given = {}): Promise<Gateway> {
  const cluster = await testCluster();
  const before: Cluster = {
    ...cluster,
    options: { ...cluster.options, ...(nodes ? { nodes } : {}), ...clusterOptions },
  };
  const gateway = await startGateway({
    port: 0,
    cluster: before,
    mirror: {
      decide: () => ({ type: 'pass' }),
      perform: () => Promise.reject(new Error('nothing was to be performed')),
      stop: () => Promise.resolve(),
      others: 'target',
      metrics: () => ({ leaseIsValid: true, copiesPending: 0, indexes: {} }),
      ...mirror,
    },
    ...options,
    times: { stopMs: 1_000, lingerMs: 500, ...options.times },
  });
  onTestFinished(() => gateway.stop());
  return gateway;
}

/** A node that answers as it is told. */
export async function openOrigin(
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer({ maxHeaderSize: 1 << 17, requestTimeout: 0 }, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A node of bare bytes. */
export async function openRawOrigin(serve: (socket: Socket) => void, port = 0): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export class RawClient {
  readonly socket: Socket;
  received = '';
  closed = false;
  #watchers: (() => void)[] = [];

  private constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connectTcp({ host: hostname, port: Number(port), noDelay: true });
    this.socket
      .on('data', (bytes: Buffer) => {
        this.received += bytes.toString('latin1');
        this.#tell();
      })
      .on('error', () => undefined)
      .on('close', () => {
        this.closed = true;
        this.#tell();
      });
  }

  /** Closed when the test ends. */
  static open(url: string): RawClient {
    const client = new RawClient(url);
    onTestFinished(() => {
      client.socket.destroy();
    });
    return client;
  }

  send(text: string | Buffer): void {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  }

  /** Until what was received is as wanted; fails when the connection is closed before. */
  async until(wanted: (received: string) => boolean): Promise<string> {
    await this.#within(async () => {
      while (!wanted(this.received)) {
        if (this.closed) throw new Error(`closed after ${JSON.stringify(this.received)}`);
        await this.#next();
      }
    });
    return this.received;
  }

  async untilClosed(): Promise<string> {
    await this.#within(async () => {
      while (!this.closed) await this.#next();
    });
    return this.received;
  }

  async #within(waited: () => Promise<void>): Promise<void> {
    const late = (): Error =>
      new Error(`waited ${WAIT_MS / 1000} s, and received ${JSON.stringify(this.received)}`);
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(late()), WAIT_MS);
    });
    await Promise.race([waited(), deadline]).finally(() => clearTimeout(timer));
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#watchers.push(resolve));
  }

  #tell(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}

const WAIT_MS = 120_000;

export interface Fetched {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export async function get(url: string, init: RequestInit = {}): Promise<Fetched> {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export const countOf = (text: string, part: string): number => text.split(part).length - 1;
