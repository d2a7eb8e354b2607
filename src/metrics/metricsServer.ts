// A small HTTP server that serves only metrics, for `migrate --metrics-port`.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, TwindexError } from '../errors.js';
import type { MetricsPage } from './metricsPage.js';

interface MetricsAddress {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface MetricsServer {
  /** For example `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Prometheus needs one connection. More only cost memory. */
const MAX_CONNECTIONS = 32;
const REQUEST_MS = 5_000;

/** @throws TwindexError `failed` (cannot listen on the address) */
export async function serveMetrics(
  page: MetricsPage,
  { host, port }: MetricsAddress,
): Promise<MetricsServer> {
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
    (request, response) => {
      void answer(page, request, response);
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, { host, port });
  const { port: listening } = server.address() as AddressInfo;
  const shown = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${shown}:${listening}/metrics`, close: () => close(server) };
}

async function answer(page: MetricsPage, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '' } = request;
  const path = url.split('?', 1)[0];
  if (path !== '/metrics') return reply(response, 404, 'This server has only /metrics.\n');
  if (method !== 'GET' && method !== 'HEAD')
    return reply(response, 405, '/metrics accepts only GET and HEAD.\n');
  try {
    reply(response, 200, await page.read(), page.contentType);
  } catch (error) {
    reply(response, 500, `The metrics could not be read: ${messageOf(error)}\n`);
  }
}

function reply(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
  // the body of the request is not read, so the connection can carry no further request
  if (!response.req.complete) response.req.socket.end();
}

async function listen(server: Server, { host, port }: MetricsAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error): void => {
      const what = `the metrics can't be served on ${host}:${port}: ${messageOf(error)}`;
      const hint = 'Use another --metrics-port or --metrics-host. Nothing was changed.';
      reject(new TwindexError('failed', what, { cause: error, hint }));
    };
    server.once('error', failed).listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
