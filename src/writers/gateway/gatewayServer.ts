// Starts the gateway: an HTTP proxy in front of a cluster. `Mirror` carries out requests that concern a
// migration; all other requests are forwarded unchanged. `GatewayService.begin` decides.
import { createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import type { Registry } from 'prom-client';
import type { Cluster } from '../../cluster/cluster.js';
import { messageOf, TwindexError } from '../../errors.js';
import type { Exported } from '../../metrics/registry.js';
import type { WriteTracer } from '../mirror/trace/writeTracer.js';
import { ClientConnection } from './clientConnection.js';
import type { MirrorPort, ReadsPort } from './mirrorPort.js';
import { NodesOf } from './upstream/clusterPools.js';
import { Reads } from './reads/searchReads.js';
import type { AnswerTimes } from './requestKind.js';
import { type Access, GatewayService } from './service.js';
import { MAX_BODY, MAX_HELD, TIMES, type Times } from './settings.js';

export interface GatewayOptions {
  readonly cluster: Cluster;
  readonly mirror: MirrorPort;
  /** If undefined, searches are forwarded unchanged. */
  readonly reads?: ReadsPort | undefined;
  /** Default: 127.0.0.1. */
  readonly host?: string | undefined;
  /** 0 takes any free port. */
  readonly port: number;
  /** Certificate and key as PEM, to serve https to clients. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Limit in bytes for a body that the gateway collects (default 200 MiB). It only forwards other bodies. */
  readonly maxBody?: number | undefined;
  /** Limit in bytes for all collected bodies together (default 1 GiB, or `maxBody` if that is more). */
  readonly maxHeld?: number | undefined;
  readonly times?: GivenTimes | undefined;
  /** Metrics to serve together with the gateway's own. */
  readonly registries?: readonly Registry[] | undefined;
  /** Returns the metrics of all processes of this gateway. Default: those of this process. */
  readonly allMetrics?: (() => Promise<string>) | undefined;
  /** Makes the traces of writes. */
  readonly tracer?: WriteTracer | undefined;
  /** Called at the end of each request. */
  readonly onAccess?: ((access: Access) => void) | undefined;
  /** Receives errors of the gateway itself, without credentials. */
  readonly onWarning?: (text: string) => void;
}

interface GivenTimes extends Partial<Omit<Times, 'answer'>> {
  readonly answer?: Partial<AnswerTimes> | undefined;
}

export interface Gateway {
  /** For example `http://127.0.0.1:9201`. */
  readonly url: string;
  /**
   * Begins the end: `/-/ready` answers 503, and each connection is closed after its next answer. Requests are
   * still accepted, since a load balancer needs some seconds until it sends them elsewhere.
   */
  drain(): void;
  /** Stops accepting requests, finishes the requests in flight, and stops the mirror. */
  stop(): Promise<void>;
  /** The metrics of this process, for the process that serves all. @param process the number of this one */
  exportMetrics(process: number): Promise<Exported[]>;
}

const HANDSHAKE_MS = 10_000;
const STOP_LOOK_MS = 10;
const TLS_SERVER = {
  ALPNProtocols: ['http/1.1'],
  handshakeTimeout: HANDSHAKE_MS,
  noDelay: true,
  allowHalfOpen: true,
};

/** @throws TwindexError `config_invalid` (certificate), `failed` (cannot listen on the address) */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const times = { ...TIMES, ...options.times, answer: { ...TIMES.answer, ...options.times?.answer } };
  const maxBody = options.maxBody ?? MAX_BODY;
  const nodes = new NodesOf(options.cluster);
  const { cluster, reads, onWarning = () => undefined } = options;
  const service = new GatewayService({
    cluster: options.cluster,
    nodes,
    mirror: options.mirror,
    times,
    maxBody,
    allMetrics: options.allMetrics,
    registries: options.registries ?? [],
    onAccess: options.onAccess,
    tracer: options.tracer,
    maxHeld: options.maxHeld ?? Math.max(maxBody, MAX_HELD),
    onWarning,
    reads: reads && new Reads({ mirror: reads, nodes, cluster, onWarning }),
  });
  const server = serve(options, service);
  const sweep = setInterval(
    () => service.sweep(performance.now()),
    Math.max(
      10,
      Math.min(1_000, ...[times.headMs, times.bodyMs, ...Object.values(times.answer)].map((ms) => ms / 4)),
    ),
  ).unref();
  const url = await listen(server, options);
  // this happens, for example, if no file descriptors are left. Connected clients are still served
  server.on('error', (error) => options.onWarning?.(`a client could not be accepted: ${messageOf(error)}`));
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    service.drain();
    server.close();
    service.stop();
    const end = performance.now() + times.stopMs;
    while (service.inFlight > 0 && performance.now() < end) await sleep(STOP_LOOK_MS);
    await options.mirror.stop();
    await service.disconnect();
    clearInterval(sweep);
    nodes.close();
  };
  return {
    url,
    drain: () => service.drain(),
    stop: () => (stopping ??= stop()),
    exportMetrics: (process) => service.exportMetrics(process),
  };
}

function serve({ tls }: GatewayOptions, service: GatewayService): Server {
  if (!tls) {
    return createServer({ noDelay: true, keepAlive: true, allowHalfOpen: true }, (socket) =>
      service.add(new ClientConnection(socket, 'http', service)),
    );
  }
  try {
    const secure = createTlsServer({ ...tls, ...TLS_SERVER }, (socket) =>
      service.add(new ClientConnection(socket, 'https', service)),
    );
    return secure.on('tlsClientError', (_, socket) => socket.destroy());
  } catch (error) {
    throw new TwindexError(
      'config_invalid',
      `the certificate and key for clients can't be used (${messageOf(error)}). Use a PEM file for each.`,
      { cause: error },
    );
  }
}

async function listen(server: Server, { host = '127.0.0.1', port, tls }: GatewayOptions): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error) => {
      const what = `the gateway can't listen on ${host}:${port}: ${messageOf(error)}`;
      reject(new TwindexError('failed', `${what}. Use another --port or --host.`, { cause: error }));
    };
    server.once('error', failed).listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
  const { port: listening } = server.address() as AddressInfo;
  const shown = host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${shown}:${listening}`;
}
