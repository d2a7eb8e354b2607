// A reverse proxy before a real engine, for what the engine of the tests lacks (TLS, credentials) and for what may go
// wrong between twindex and an engine. It counts what reaches it.
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TlsOptions, TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';

export interface FrontOptions {
  /** URL of the engine's node; without it only `intercept` answers, and everything else gets 404. */
  readonly upstream?: string | undefined;
  /** Serves https with this certificate. */
  readonly tls?: ServerTls | undefined;
  /** The whole value that the Authorization header must have, e.g. `ApiKey abc`; others get 401. */
  readonly auth?: string | undefined;
  /** The API is under this path, e.g. `/search`; everything else gets 404. */
  readonly prefix?: string | undefined;
  /** What to do with a request instead of handing it on; undefined: hand it on. */
  readonly intercept?:
    | ((request: FrontRequest) => Interception | undefined | Promise<Interception | undefined>)
    | undefined;
}

interface ServerTls {
  readonly cert: string;
  readonly key: string;
  /** Clients are asked for a certificate that this authority has signed. */
  readonly clientCa?: string | undefined;
  /** False: clients without a certificate are served, too. */
  readonly demandsCertificate?: boolean | undefined;
}

export interface FrontRequest {
  readonly method: string;
  /** With the query, without the prefix. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** The name in the certificate that the client has shown. */
  readonly certificate: string | undefined;
  /** 1 for the first request that arrived, and so on. */
  readonly number: number;
}

export type Interception =
  | {
      readonly type: 'answer';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    }
  /** Breaks the connection; with `after: 'upstream'` only when the engine has done what was asked. */
  | { readonly type: 'reset'; readonly after: 'request' | 'upstream' }
  /** Breaks the connection in the middle of the engine's answer. */
  | { readonly type: 'cut' }
  /** Hands the engine's answer on later. */
  | { readonly type: 'delay'; readonly until: Promise<void> }
  /** Never answers. */
  | { readonly type: 'hang' };

export interface Front {
  /** `http://127.0.0.1:PORT` or `https://localhost:PORT`, with the prefix. */
  readonly url: string;
  /** All requests that arrived with the right credentials, in order. */
  readonly requests: readonly FrontRequest[];
  close(): Promise<void>;
}

export async function startFront(options: FrontOptions): Promise<Front> {
  const requests: FrontRequest[] = [];
  const serve = (incoming: IncomingMessage, response: ServerResponse) => {
    answer(incoming, response, options, requests).catch(() => response.destroy());
  };
  const server = options.tls ? createTlsServer(serverTls(options.tls), serve) : createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? 'https://localhost' : 'http://127.0.0.1'}:${port}${options.prefix ?? ''}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function serverTls({ clientCa, demandsCertificate = true, ...tls }: ServerTls): TlsOptions {
  if (clientCa === undefined) return tls;
  return { ...tls, ca: clientCa, requestCert: true, rejectUnauthorized: demandsCertificate };
}

function certificateOf({ socket }: IncomingMessage): string | undefined {
  return socket instanceof TLSSocket
    ? (socket.getPeerCertificate().subject?.CN as string | undefined)
    : undefined;
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  options: FrontOptions,
  requests: FrontRequest[],
): Promise<void> {
  const { prefix = '', auth, upstream, intercept } = options;
  const body = await readAll(incoming);
  if (auth !== undefined && incoming.headers.authorization !== auth) {
    response.writeHead(401, { 'www-authenticate': 'Basic' }).end('Unauthorized');
    return;
  }
  const url = incoming.url ?? '/';
  const path = url.slice(prefix.length);
  const { method = 'GET', headers: asked } = incoming;
  const certificate = certificateOf(incoming);
  const request = { method, path, headers: asked, body, certificate, number: requests.length + 1 };
  requests.push(request);
  const instead = await intercept?.(request);
  if (instead?.type === 'hang') return;
  if (instead?.type === 'answer') {
    response.writeHead(instead.status, instead.headers).end(instead.body);
  } else if (instead?.type === 'reset' && instead.after === 'request') {
    response.destroy();
  } else if (upstream === undefined || !url.startsWith(`${prefix}/`)) {
    response.writeHead(404).end('<html>Not Found</html>');
  } else {
    const { status, headers, content } = await passThrough(upstream, incoming, request);
    if (instead?.type === 'delay') await instead.until;
    if (instead?.type === 'reset') response.destroy();
    else if (instead?.type === 'cut') cut(response.writeHead(status, headers), content);
    else response.writeHead(status, headers).end(content);
  }
}

function cut(response: ServerResponse, content: Buffer): void {
  response.write(content.subarray(0, content.length / 2), () => response.destroy());
}

async function passThrough(
  upstream: string,
  incoming: IncomingMessage,
  { method, path, body }: FrontRequest,
): Promise<{ status: number; headers: IncomingMessage['headers']; content: Buffer }> {
  const { authorization: _authorization, host: _host, ...headers } = incoming.headers;
  const answered = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(upstream + path, { method, headers }, resolve)
      .on('error', reject)
      .end(body);
  });
  const content = await readAll(answered);
  return { status: answered.statusCode ?? 502, headers: answered.headers, content };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  return Buffer.concat((await stream.toArray()) as Buffer[]);
}

export interface Certificates {
  /** PEM of the authority that signed `cert`. */
  readonly ca: string;
  /** For `localhost`. */
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of its own and a certificate for `localhost` signed by it. `until`: when it expires. */
export async function makeCertificates(host = 'localhost', until?: Date): Promise<Certificates> {
  const common = { algorithm: 'sha256', keyType: 'ec' } as const;
  const authority = await generate([{ name: 'commonName', value: 'Test authority' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const node = await generate([{ name: 'commonName', value: host }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    ...(until && { notBeforeDate: new Date(until.getTime() - 86_400_000), notAfterDate: until }),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
  });
  return { ca: authority.cert, cert: node.cert, key: node.private };
}
