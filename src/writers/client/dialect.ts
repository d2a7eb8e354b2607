// Hides a difference between the official clients: Elasticsearch's connections use promises and whole bodies,
// and OpenSearch's connections use callbacks and streams.
import { Readable } from 'node:stream';
import { TwindexError } from '../../errors.js';
import type { ClientReply } from '../mirror/request/clientRequest.js';
import { type Answered, readAnswer, readStream } from './clientAnswer.js';
import type { Connection, OpenClient, RequestParams } from './officialClient.js';

/** A request on its way from a transport to a node. */
export interface Call {
  readonly params: RequestParams;
  /** The client's time-out for the whole request, if it has one. */
  readonly timeoutMs: number | undefined;
  /** Elasticsearch only: the connection's options, such as `requestId` and `signal`. */
  readonly options: object | undefined;
  /** Fires when the client gives up waiting. */
  readonly signal: AbortSignal | undefined;
  /** Creates an error of the client's own class. Not set if the transport converts errors by their names. */
  readonly errorFor?: (reason: GivenUp) => Promise<Error | undefined>;
}

export type GivenUp = 'RequestAbortedError' | 'TimeoutError';

export interface Dialect {
  /** Makes one attempt. @throws the client's own error */
  send(connection: Connection, call: Call): Promise<Answered>;
  /** Makes a replacement for `connection.request`. It calls the original if `perform` returns undefined. */
  request(
    connection: Connection,
    perform: (call: Call) => Promise<ClientReply> | undefined,
  ): Connection['request'];
  /** @returns the present `close` as a function that still works after the method is replaced */
  closeWith(client: OpenClient): () => Promise<unknown>;
}

/** @throws TwindexError `usage` if this is no official client: programs without types may pass anything */
export function dialectOf(client: OpenClient): Dialect {
  const missing = missingIn(client);
  if (missing === undefined && 'diagnostic' in client.transport) return elasticsearch;
  if (missing === undefined && 'emit' in client.transport) return opensearch;
  throw new TwindexError(
    'usage',
    'withTwindex takes a client of @elastic/elasticsearch 8 or 9, or of @opensearch-project/opensearch 2 or 3: ' +
      `new Client({ node: 'http://localhost:9200' }). ${missing ?? 'The given client is of another kind.'}`,
  );
}

/** @returns a sentence about the first missing part, if the value lacks a part of an official client */
function missingIn(client: unknown): string | undefined {
  if (typeof client !== 'object' || client === null)
    return `Found ${client === null ? 'null' : typeof client}.`;
  const { transport, child, close } = client as Partial<OpenClient>;
  if (typeof transport !== 'object' || transport === null) return 'The given object has no `transport`.';
  if (typeof transport.request !== 'function') return 'The given object has no `transport.request()`.';
  if (typeof child !== 'function') return 'The given object has no `child()`.';
  return typeof close === 'function' ? undefined : 'The given object has no `close()`.';
}

interface ElasticOptions {
  readonly timeout?: number | null;
  readonly signal?: AbortSignal;
  readonly asStream?: boolean;
}

const elasticsearch: Dialect = {
  async send(connection, { params, options, timeoutMs, signal }) {
    const { signal: _, asStream: _asStream, ...kept } = (options ?? {}) as ElasticOptions;
    const sent = {
      ...kept,
      ...(timeoutMs !== undefined && { timeout: timeoutMs }),
      // a signal of its own for each request, since the connection aborts the signal after a time-out
      ...(signal && { signal: AbortSignal.any([signal]) }),
    };
    const answer = (await connection.request(params, sent)) as {
      statusCode: number;
      headers: Record<string, string | string[]>;
      body: string | Buffer;
    };
    return await readAnswer(answer.statusCode, answer.headers, Buffer.from(answer.body));
  },

  request: (connection, perform) => (params, second) => {
    const options = second as ElasticOptions;
    const { timeout, signal } = options;
    const performed = perform({ params, options, timeoutMs: timeout ?? undefined, signal });
    if (!performed) return connection.request(params, second);
    return performed.then(({ status, headers, body }) => ({
      statusCode: status,
      headers,
      body: options.asStream ? Readable.from([body]) : body.toString(),
    }));
  },

  closeWith(client) {
    const close = client.close.bind(client);
    return async () => await close();
  },
};

type Callback = (error: Error | null, response: Readable | null) => void;

/** A harmless request that takes 200 ms. `ownError` gives up before that. */
const SLOW = {
  method: 'GET',
  path: '/_cluster/health',
  querystring: 'wait_for_nodes=ge(100000)&timeout=200ms',
};

/**
 * Makes an error of the official client's own class, since OpenSearch's transport passes errors on unchanged.
 * Only a connection can create such an error, so the connection gets a request and has to give it up at once.
 */
function ownError(connection: Connection, reason: GivenUp): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const answered: Callback = (error, response) => {
      response?.resume();
      resolve(error?.name === reason ? error : undefined);
    };
    const params = reason === 'TimeoutError' ? { ...SLOW, timeout: 1 } : SLOW;
    const request = connection.request(params, answered) as { abort(): void };
    if (reason === 'RequestAbortedError') request.abort();
  });
}

const opensearch: Dialect = {
  async send(connection, { params, timeoutMs, signal }) {
    const sent = timeoutMs === undefined ? params : { ...params, timeout: timeoutMs };
    const response = await new Promise<Readable>((resolve, reject) => {
      const answered: Callback = (error, stream) => (error ? reject(error) : resolve(stream as Readable));
      const request = connection.request(sent, answered) as { abort(): void };
      signal?.addEventListener('abort', () => request.abort(), { once: true });
    });
    const { statusCode, headers } = response as Readable & {
      readonly statusCode: number;
      readonly headers: Record<string, string | string[]>;
    };
    return await readAnswer(statusCode, headers, await readStream(response));
  },

  request: (connection, perform) => (params, second) => {
    const callback = second as Callback;
    const giveUp = new AbortController();
    const { timeout } = params;
    const timeoutMs = typeof timeout === 'number' ? timeout : undefined;
    const performed = perform({
      params,
      options: undefined,
      timeoutMs,
      signal: giveUp.signal,
      errorFor: (reason) => ownError(connection, reason),
    });
    if (!performed) return connection.request(params, second);
    performed
      .then(({ status, headers, body }) =>
        Object.assign(Readable.from([body], { objectMode: false }), { statusCode: status, headers }),
      )
      .then(
        // call back outside of this promise, so that an error in the callback does not reject it
        (response) => process.nextTick(callback, null, response),
        (error: unknown) => process.nextTick(callback, error, null),
      );
    return { abort: () => giveUp.abort() };
  },

  closeWith(client) {
    const close = client.close.bind(client);
    // pass a callback: without a callback, OpenSearch's `close` calls the client's replaced `close`
    return () => new Promise<void>((resolve) => void close(resolve));
  },
};
