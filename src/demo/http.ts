// The application's HTTP client for the engine. It uses no code of twindex, and never retries.
import { Pool } from 'undici';
import { parseExactJson } from './demoJson.js';

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** A very long limit, since a busy machine may need minutes, and the demo does not check response times. */
const TIMEOUT_MS = 300_000;

export class EngineHttp {
  readonly url: string;
  readonly #pool: Pool;
  readonly #prefix: string;
  readonly #authorization: Record<string, string>;

  /** @param url the address of one node, possibly with user and password */
  constructor(url: string) {
    const parsed = new URL(url);
    this.url = `${parsed.origin}${parsed.pathname}`.replace(/\/$/, '');
    this.#prefix = parsed.pathname.replace(/\/$/, '');
    this.#authorization = parsed.username ? { authorization: basic(parsed) } : {};
    this.#pool = new Pool(parsed.origin, {
      connections: 16,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
  }

  /** @throws if there is no response. The engine may have carried the request out. */
  async send(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const contentType = path.includes('_bulk') ? 'application/x-ndjson' : 'application/json';
    const response = await this.#pool.request({
      method,
      path: this.#prefix + path,
      headers: {
        ...this.#authorization,
        ...headers,
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      body: body ?? null,
    });
    return { status: response.statusCode, text: await response.body.text() };
  }

  async json<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object | string): Promise<T> {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const reply = await this.send(method, path, text);
    if (reply.status >= 300) {
      throw new Error(`${method} ${path} was answered with ${reply.status}: ${reply.text.slice(0, 500)}`);
    }
    return parseExactJson(reply.text) as T;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

function basic({ username, password }: URL): string {
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}
