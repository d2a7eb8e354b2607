// Sends HTTP requests to the nodes of a cluster: connection pools, credentials, timeouts, the choice of a node.
import { Pool } from 'undici';
import { messageOf, TwindexError } from '../errors.js';
import { printJson } from '../json/exactJson.js';
import { ClusterConnection } from './clusterConnection.js';
import type { ClusterOptions } from './clusterOptions.js';
import { connector, NotSent } from './connector.js';
import { Deadline } from './deadline.js';
import { Credentials } from './credentials.js';
import { parseNodes } from './nodeAddress.js';
import { NodeTls } from './nodeTls.js';
import { connectHint, originsIn } from './origins.js';
import { proxyFor } from './proxy.js';
import type { Answer, Request } from './request.js';

interface Node {
  readonly url: string;
  readonly origin: string;
  readonly prefix: string;
  readonly pool: Pool;
  /** Wall-clock time in ms. Until then, requests go to other nodes first. */
  notBefore: number;
  /** The number of failed connection attempts since the last response. */
  failures: number;
}

const MAX_DEAD_MS = 60_000;

export class Connection extends ClusterConnection {
  readonly #nodes: Node[];
  readonly #credentials: Credentials;
  readonly #options: ClusterOptions;
  readonly #timeoutMs: number;
  #next = 0;

  constructor(options: ClusterOptions) {
    super(options.maxRetries ?? 6);
    const origins = options.origins ?? originsIn('cluster');
    const parsed = parseNodes(options.nodes, origins.nodes);
    this.#credentials = new Credentials(options);
    this.#options = options;
    this.#timeoutMs = options.requestTimeoutMs ?? 30_000;
    const tls = new NodeTls(options, { showsCertificate: true });
    this.#nodes = parsed.map(({ origin, prefix }) => ({
      url: origin + prefix,
      origin,
      prefix,
      notBefore: 0,
      failures: 0,
      pool: new Pool(origin, {
        connections: 32,
        maxHeaderSize: 1 << 20, // OpenSearch repeats a response header for each sub-task of a request
        headersTimeout: 0, // no limit: the request's Deadline covers the whole response
        bodyTimeout: 0,
        connect: connector({ tls, proxy: proxyFor(new URL(origin), options) }),
      }),
    }));
  }

  get urls(): readonly string[] {
    return this.#nodes.map((node) => node.url);
  }

  override async renewCredentials(): Promise<void> {
    await this.#credentials.renew();
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.pool.destroy()));
  }

  /** Tries the nodes one after the other, each once, until the request could be sent to one of them. */
  protected override async sendOnce(request: Request): Promise<Answer> {
    const failures: { readonly url: string; readonly error: NotSent }[] = [];
    for (const node of this.#nodesInTurn()) {
      try {
        const answer = await this.#sendToNode(node, request);
        node.notBefore = 0;
        node.failures = 0;
        return answer;
      } catch (error) {
        if (!(error instanceof NotSent)) throw error;
        node.notBefore = Date.now() + Math.min(MAX_DEAD_MS, 1_000 * 2 ** node.failures++);
        failures.push({ url: node.url, error });
      }
    }
    const reasons = failures.map(({ url, error }) => `${url}: ${error.message}`);
    const { origins = originsIn('cluster'), caFile } = this.#options;
    const [first] = failures;
    throw new TwindexError('unreachable', `cannot connect to ${reasons.join('; ')}`, {
      cause: first?.error,
      hint: first && connectHint(first.error.failure, origins, caFile !== undefined),
    });
  }

  #nodesInTurn(): Node[] {
    const start = this.#next++ % this.#nodes.length;
    const turned = [...this.#nodes.slice(start), ...this.#nodes.slice(0, start)];
    const now = Date.now();
    return turned.sort((a, b) => Number(a.notBefore > now) - Number(b.notBefore > now));
  }

  async #sendToNode(node: Node, request: Request): Promise<Answer> {
    const timeoutMs = request.timeoutMs ?? this.#timeoutMs;
    const deadline = new Deadline(timeoutMs, request.signal);
    const what = `${request.method} ${request.path}`;
    const { method } = request;
    const path = node.prefix + request.path + queryString(request.query);
    const headers = { ...request.headers, ...contentType(request) };
    const body = encodeBody(request);
    const attempt = async (): Promise<{ answer: Answer; proof: Readonly<Record<string, string>> }> => {
      const proof = await this.#credentials.headersFor({ method, origin: node.origin, path, headers, body });
      const responding = node.pool.request({
        method,
        path,
        headers: { ...headers, ...proof },
        body,
        signal: deadline.signal,
      });
      const response = await deadline.orAborted(responding);
      const received = await readBounded(response.body, request.maxResponseBytes ?? 256 << 20, what);
      return { answer: { status: response.statusCode, headers: response.headers, body: received }, proof };
    };
    try {
      const { answer, proof } = await attempt();
      // a request that was answered with 401 was not carried out, so it may be sent again with new credentials
      if (answer.status === 401 && (await this.#credentials.renew(proof))) return (await attempt()).answer;
      return answer;
    } catch (error) {
      if (error instanceof TwindexError) throw error;
      if (request.signal?.aborted) throw error;
      if (error instanceof NotSent) throw error;
      const reason = deadline.passed ? `no answer within ${timeoutMs} ms` : messageOf(error);
      throw new TwindexError('unanswered', `${what} on ${node.url} was not answered: ${reason}`, {
        cause: error,
      });
    } finally {
      deadline.clear();
    }
  }
}

async function readBounded(
  body: AsyncIterable<Buffer> & { destroy(): unknown },
  maxBytes: number,
  what: string,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      body.destroy();
      throw new TwindexError('too_large', `the answer to ${what} is larger than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes);
}

export function encodeBody({ body, json }: Pick<Request, 'body' | 'json'>): string | Uint8Array | null {
  if (json) return json;
  if (body === undefined) return null;
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  return printJson(body);
}

export function contentType({ body, json }: Pick<Request, 'body' | 'json'>): Record<string, string> {
  if (body === undefined && json === undefined) return {};
  const ndjson = typeof body === 'string' || body instanceof Uint8Array;
  return { 'content-type': ndjson ? 'application/x-ndjson' : 'application/json' };
}

export function queryString(query: Request['query']): string {
  const parts = Object.entries(query ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}
