// Leases connections to the nodes of a cluster: chooses a node for each request, keeps idle connections, and
// tries unreachable nodes last.
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ClusterOptions } from '../../../cluster/clusterOptions.js';
import { openTcp, serverNameOf } from '../../../cluster/connector.js';
import { parseNodes } from '../../../cluster/nodeAddress.js';
import { NodeTls } from '../../../cluster/nodeTls.js';
import { openTunnel, proxyFor } from '../../../cluster/proxy.js';
import { messageOf } from '../../../errors.js';
import { UpstreamSocket, type Node } from './upstreamSocket.js';

const CONNECT_TIMEOUT_MS = 5_000;
const MAX_LEFT_OUT_MS = 10_000;

/** Shorter than the idle limits of load balancers, which otherwise might close a connection as it is used. */
const IDLE_MS = 30_000;

/** No connection to any node could be made, so nothing was sent. */
export class NoNode extends Error {}

export type Leased = (found: UpstreamSocket | NoNode) => void;

export class Nodes {
  readonly all: readonly Node[];
  readonly #sockets = new Set<UpstreamSocket>();
  #turn = 0;

  constructor(options: ClusterOptions) {
    // without twindex's certificate: the engine might take the clients' requests for twindex's own
    const tls = new NodeTls(options, { showsCertificate: false });
    this.all = parseNodes(options.nodes, options.origins?.nodes).map(({ origin, prefix }) => ({
      url: origin + prefix,
      host: new URL(origin).host,
      prefix,
      idle: [],
      open: 0,
      notBefore: 0,
      failures: 0,
      dial: dialerOf(new URL(origin), tls, proxyFor(new URL(origin), options)),
    }));
  }

  /** Takes an idle connection, or opens one. With `fresh` it opens one, as idle ones may have been closed. */
  lease({ fresh }: { readonly fresh: boolean }, leased: Leased): void {
    const now = performance.now();
    const node = this.#choose(now, undefined);
    if (!fresh && node) {
      for (let socket = node.idle.pop(); socket; socket = node.idle.pop()) {
        if (!socket.isUsable) continue;
        socket.reused = true;
        leased(socket);
        return;
      }
    }
    this.#dial(node, new Set(), [], leased);
  }

  release(socket: UpstreamSocket): void {
    socket.user = undefined;
    socket.resume();
    if (!socket.isUsable) return socket.destroy();
    socket.idleUntil = performance.now() + IDLE_MS;
    socket.node.idle.push(socket);
  }

  sweep(now: number): void {
    for (const { idle } of this.all) {
      // the connections that were idle longest come first
      while (idle[0] && idle[0].idleUntil < now) idle.shift()?.destroy();
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #choose(now: number, tried: ReadonlySet<Node> | undefined): Node | undefined {
    const { all } = this;
    let second: Node | undefined;
    const start = this.#turn++;
    for (let n = 0; n < all.length; n++) {
      const node = all[(start + n) % all.length] as Node;
      if (tried?.has(node)) continue;
      if (node.notBefore <= now) return node;
      second ??= node;
    }
    return second;
  }

  #dial(node: Node | undefined, tried: Set<Node>, failures: string[], leased: Leased): void {
    if (!node)
      return leased(new NoNode(`no node of the cluster can be connected to (${failures.join('; ')})`));
    tried.add(node);
    const giveUp = new AbortController();
    const timer = setTimeout(
      () => giveUp.abort(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`)),
      CONNECT_TIMEOUT_MS,
    );
    const connected = (socket: Socket): void => {
      clearTimeout(timer);
      node.notBefore = 0;
      node.failures = 0;
      leased(this.#adopt(node, socket));
    };
    const failed = (error: Error): void => {
      clearTimeout(timer);
      node.notBefore = performance.now() + Math.min(MAX_LEFT_OUT_MS, 1_000 * 2 ** node.failures++);
      failures.push(`${node.url}: ${connectFailure(error)}`);
      this.#dial(this.#choose(performance.now(), tried), tried, failures, leased);
    };
    node.dial(giveUp.signal).then(connected, failed);
  }

  #adopt(node: Node, socket: Socket): UpstreamSocket {
    const adopted = new UpstreamSocket(node, socket, () => {
      node.open--;
      this.#sockets.delete(adopted);
      const at = node.idle.indexOf(adopted);
      if (at >= 0) node.idle.splice(at, 1);
    });
    node.open++;
    this.#sockets.add(adopted);
    return adopted;
  }
}

function dialerOf(url: URL, tls: NodeTls, proxy: URL | undefined): Node['dial'] {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isSecure = url.protocol === 'https:';
  const port = Number(url.port || (isSecure ? 443 : 80));
  const common = { host, port, noDelay: true, keepAlive: true };
  const servername = serverNameOf(url);
  return async (signal) => {
    const open = async (): Promise<Socket> =>
      proxy ? await openTunnel(proxy, url, signal) : await openTcp(url);
    if (!isSecure) return proxy ? await open() : await opened(signal, (done) => connectTcp(common, done));
    const settings = await tls.settingsFor(servername, url.host, open);
    const through = proxy ? { socket: await open() } : common;
    const secure = { ...through, ...settings, servername, ALPNProtocols: ['http/1.1'] };
    return await opened(signal, (done) => connectTls(secure, done));
  };
}

function opened(signal: AbortSignal, open: (connected: () => void) => Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = open(() => {
      signal.removeEventListener('abort', aborted);
      socket.off('error', failed).off('close', closed);
      resolve(socket);
    });
    const failed = (error: Error): void => {
      signal.removeEventListener('abort', aborted);
      socket.destroy();
      reject(error);
    };
    const closed = (): void => failed(new Error('the connection was closed'));
    const aborted = (): void => failed(signal.reason as Error);
    signal.addEventListener('abort', aborted, { once: true });
    socket.on('error', failed).on('close', closed);
  });
}

function connectFailure(error: Error): string {
  const { code, errors } = error as NodeJS.ErrnoException & { errors?: readonly Error[] };
  // for a host name with several addresses, the error has a list of errors and no message
  if (errors?.length) return [...new Set(errors.map(messageOf))].join(', ');
  return messageOf(error) || code || error.name;
}
