// HTTP to the nodes of one cluster: pools, credentials, time-outs, and the retries that are safe. It knows nothing
// of indexes; operations/ does, and errors.ts gives its answers their meaning.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errors, Pool } from 'undici';
import { messageOf, redact, TwindexError } from '../errors.js';
import { toTwindexError } from './errors.js';

export interface ClusterOptions {
  /** One or more node URLs, `http://host:9200`. User and password in a URL are taken as `auth`. */
  readonly nodes: readonly string[];
  readonly auth?: Auth | undefined;
  /** PEM file with the certificate authority that signed the nodes' certificates. */
  readonly caFile?: string | undefined;
  /** Time for the whole answer of one request, in ms (30,000). */
  readonly requestTimeoutMs?: number | undefined;
  /** How often what is safe to repeat is tried again (6). */
  readonly maxRetries?: number | undefined;
}

export type Auth =
  | { readonly username: string; readonly password: string }
  | { readonly apiKey: string }
  | { readonly bearer: string };

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** An object is sent as JSON; a string or bytes as NDJSON. */
  readonly body?: object | string | Uint8Array | undefined;
  /**
   * What may be done when the outcome is unknown or the engine is busy:
   * `always` for reads and writes with an external version; `never` (default) for everything whose second copy could
   * do harm: `_aliases`, blocks, the journal, deletes of indexes. Where a connection was refused nothing was sent, so
   * the next node is tried for both.
   */
  readonly repeat?: 'always' | 'never';
  readonly timeoutMs?: number | undefined;
  /** Answers above this many bytes are broken off with `too_large`. Default 256 MiB. */
  readonly maxResponseBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

interface Node {
  readonly url: string;
  readonly pool: Pool;
  notBefore: number;
}

const RETRY_STATUS = new Set([429, 502, 503, 504]);
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const TLS_ERROR = /certificate|SSL|TLS|UNABLE_TO_VERIFY|SELF_SIGNED/i;
const DEAD_NODE_MS = 5_000;

export class Connection {
  readonly #nodes: Node[];
  readonly #headers: Record<string, string>;
  readonly #timeoutMs: number;
  readonly #maxRetries: number;
  #next = 0;

  constructor(options: ClusterOptions) {
    const parsed = options.nodes.map(parseNode);
    const auth = options.auth ?? parsed.find((node) => node.auth)?.auth;
    this.#headers = auth ? { authorization: authorization(auth) } : {};
    this.#timeoutMs = options.requestTimeoutMs ?? 30_000;
    this.#maxRetries = options.maxRetries ?? 6;
    const ca = options.caFile === undefined ? undefined : readCa(options.caFile);
    this.#nodes = parsed.map(({ origin, prefix }) => ({
      url: origin + prefix,
      notBefore: 0,
      pool: new Pool(origin, {
        connections: 32,
        maxHeaderSize: 1 << 20, // OpenSearch repeats a header per sub-task
        headersTimeout: 0, // the time-out is ours, for the whole answer
        bodyTimeout: 0,
        connect: { timeout: 5_000, ...(ca ? { ca } : {}) },
      }),
    }));
  }

  /** The nodes' addresses, without credentials. */
  get urls(): readonly string[] {
    return this.#nodes.map((node) => node.url);
  }

  /**
   * Sends a request and gives its answer, whatever its status.
   * @throws TwindexError `unreachable` (nothing was sent), `unanswered` (outcome unknown), `too_large`
   */
  async send(request: Request): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const last = attempt >= this.#maxRetries;
      try {
        const answer = await this.#sendToSomeNode(request);
        if (last || request.repeat !== 'always' || !RETRY_STATUS.has(answer.status)) return answer;
      } catch (error) {
        const retry = request.repeat === 'always' && (error as TwindexError).code !== 'too_large';
        if (last || !retry || request.signal?.aborted) throw error;
      }
      await sleep(backoffMs(attempt), undefined, request.signal ? { signal: request.signal } : {});
    }
  }

  /**
   * Sends a request and gives the parsed JSON of a 2xx answer.
   * @throws TwindexError for every other answer, as `cluster/errors.ts` maps it
   */
  async json<T>(request: Request): Promise<T> {
    const answer = await this.send(request);
    if (answer.status >= 300) throw toTwindexError(request, answer);
    return (answer.body.length === 0 ? {} : JSON.parse(answer.body.toString())) as T;
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.pool.destroy()));
  }

  /** Tries every node once for as long as nothing could be sent. */
  async #sendToSomeNode(request: Request): Promise<Answer> {
    const failures: string[] = [];
    for (const node of this.#nodesInTurn()) {
      try {
        const answer = await this.#sendToNode(node, request);
        node.notBefore = 0;
        return answer;
      } catch (error) {
        if (!(error instanceof NotSent)) throw error;
        node.notBefore = Date.now() + DEAD_NODE_MS;
        failures.push(`${node.url}: ${error.message}`);
      }
    }
    throw new TwindexError(
      'unreachable',
      `cannot connect to the cluster (${failures.join('; ')}). ` +
        'Check that it runs, that the address in cluster.nodes is right, and that https is used where it is needed.',
    );
  }

  #nodesInTurn(): Node[] {
    const start = this.#next++ % this.#nodes.length;
    const turned = [...this.#nodes.slice(start), ...this.#nodes.slice(0, start)];
    const now = Date.now();
    return turned.sort((a, b) => Number(a.notBefore > now) - Number(b.notBefore > now));
  }

  async #sendToNode(node: Node, request: Request): Promise<Answer> {
    const timeoutMs = request.timeoutMs ?? this.#timeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    const prefix = new URL(node.url).pathname.replace(/\/$/, '');
    const what = `${request.method} ${request.path}`;
    try {
      const response = await node.pool.request({
        method: request.method,
        path: prefix + request.path + queryString(request.query),
        headers: { ...this.#headers, ...contentType(request.body) },
        body: encode(request.body),
        signal: request.signal ? AbortSignal.any([request.signal, timeout]) : timeout,
      });
      const body = await readBounded(response.body, request.maxResponseBytes ?? 256 << 20, what);
      return { status: response.statusCode, headers: response.headers, body };
    } catch (error) {
      if (error instanceof TwindexError) throw error;
      if (request.signal?.aborted) throw error;
      if (wasNotSent(error)) throw new NotSent(messageOf(error));
      const reason = timeout.aborted ? `no answer within ${timeoutMs} ms` : redact(messageOf(error));
      throw new TwindexError('unanswered', `${what} on ${node.url} was not answered: ${reason}`, {
        cause: error,
      });
    }
  }
}

class NotSent extends Error {}

function wasNotSent(error: unknown): boolean {
  if (error instanceof errors.ConnectTimeoutError) return true;
  const { code, message, errors: causes } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  if (causes?.length) return causes.every(wasNotSent);
  return (code !== undefined && NOT_SENT.has(code)) || TLS_ERROR.test(`${code ?? ''} ${message}`);
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

/** Full jitter over an exponential wait, 100 ms to 5 s. */
export function backoffMs(attempt: number): number {
  return 50 + Math.random() * Math.min(5_000, 100 * 2 ** attempt);
}

function parseNode(text: string): { origin: string; prefix: string; auth: Auth | undefined } {
  const url = new URL(text);
  const auth = url.username
    ? { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
    : undefined;
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, ''), auth };
}

function authorization(auth: Auth): string {
  if ('apiKey' in auth) return `ApiKey ${auth.apiKey}`;
  if ('bearer' in auth) return `Bearer ${auth.bearer}`;
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TwindexError(
      'config_invalid',
      `cluster.caFile: cannot read ${file} (${messageOf(error)}). Give the path of a PEM file.`,
    );
  }
}

function encode(body: Request['body']): string | Uint8Array | null {
  if (body === undefined) return null;
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
}

function contentType(body: Request['body']): Record<string, string> {
  if (body === undefined) return {};
  const ndjson = typeof body === 'string' || body instanceof Uint8Array;
  return { 'content-type': ndjson ? 'application/x-ndjson' : 'application/json' };
}

function queryString(query: Request['query']): string {
  const parts = Object.entries(query ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}
