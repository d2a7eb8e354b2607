// Sends twindex's requests for one write of the application over the official client's connections, with the
// headers and the time-out of this write.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  NotSentError,
  UnansweredError,
  type Upstream,
  type UpstreamReply,
  type UpstreamRequest,
} from '../mirror/request/upstream.js';
import { textHeaders } from './clientAnswer.js';
import type { Call } from './dialect.js';
import { type Nodes, sendToSomeNode } from './nodes.js';
import type { Connection } from './officialClient.js';

const NOT_COPIED_HEADERS = new Set(['content-encoding', 'content-length', 'x-twindex-version']);

export class ClientUpstream implements Upstream {
  readonly #nodes: Nodes;
  readonly #call: Call;
  #first: Connection | undefined;
  #failure: unknown;

  /** @param first the connection that the transport has chosen for the request */
  constructor(nodes: Nodes, call: Call, first: Connection) {
    this.#nodes = nodes;
    this.#call = call;
    this.#first = first;
  }

  /** The official client's own error, if the last request got no answer. */
  get failure(): unknown {
    return this.#failure;
  }

  /** An official client's connections reach only one cluster. */
  to(): this {
    return this;
  }

  async send(request: UpstreamRequest): Promise<UpstreamReply> {
    const first = this.#first ?? this.#nodes.next();
    this.#first = undefined;
    const params = await this.#params(request);
    try {
      // finish the write even if the client gives up
      const call: Call = { ...this.#call, params, signal: undefined };
      const answered = await sendToSomeNode(this.#nodes, call, first);
      this.#failure = undefined;
      return answered;
    } catch (error) {
      if (error instanceof NotSentError || error instanceof UnansweredError) this.#failure = error.cause;
      throw error;
    }
  }

  async #params(request: UpstreamRequest): Promise<Call['params']> {
    const { params } = this.#call;
    const own = textHeaders(params.headers ?? {});
    const headers = Object.fromEntries(
      Object.entries({ ...own, ...request.headers }).filter(
        ([name, value]) => value !== undefined && !NOT_COPIED_HEADERS.has(name),
      ),
    );
    let body = bytesOf(request.body);
    if (body && own['content-encoding'] === 'gzip') {
      body = await promisify(gzip)(body);
      headers['content-encoding'] = 'gzip';
    }
    if (body) headers['content-length'] = String(body.length);
    const [path = '', ...query] = request.path.split('?');
    return { ...params, method: request.method, path, querystring: query.join('?'), headers, body };
  }
}

function bytesOf(body: UpstreamRequest['body']): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  return Buffer.concat(body);
}
