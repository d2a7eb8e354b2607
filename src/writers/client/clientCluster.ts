// Makes a connection for twindex's own requests, with the official client's nodes, credentials and proxies.
import { type Cluster, findEngine } from '../../cluster/cluster.js';
import { ClusterConnection } from '../../cluster/clusterConnection.js';
import { contentType, encodeBody, queryString } from '../../cluster/connection.js';
import type { Answer, Request } from '../../cluster/request.js';
import { TwindexError } from '../../errors.js';
import { NotSentError, UnansweredError } from '../mirror/request/upstream.js';
import { textHeaders } from './clientAnswer.js';
import type { Call, Dialect } from './dialect.js';
import { type Nodes, sendToSomeNode } from './nodes.js';
import type { Connection, OpenClient } from './officialClient.js';

const MAX_RETRIES = 6;
const TIMEOUT_MS = 30_000;

/** @throws TwindexError with the codes of `findEngine` */
export async function clusterOf(client: OpenClient, dialect: Dialect): Promise<Cluster> {
  const { transport } = client;
  // bind the method now, since `intercept` replaces it later
  const getConnection = transport.getConnection.bind(transport);
  const next = (): Connection | null => getConnection({ requestId: 'twindex', context: null });
  const nodes: Nodes = { transport, dialect, next };
  const connection = new ClientConnection(nodes, await learnCall(client, dialect));
  const engine = await findEngine(connection);
  const options = { nodes: connection.urls };
  return { options, connection, engine, close: () => connection.close() };
}

class ClientConnection extends ClusterConnection {
  readonly #nodes: Nodes;
  readonly #call: Call;

  /** @param call headers and options that the client's transport adds to each request, such as credentials */
  constructor(nodes: Nodes, call: Call) {
    super(MAX_RETRIES);
    this.#nodes = nodes;
    this.#call = call;
  }

  get urls(): readonly string[] {
    return this.#nodes.transport.connectionPool.connections.map(({ url }) => url.origin + url.pathname);
  }

  /** The connections belong to the client, which closes them. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  protected override async sendOnce(request: Request): Promise<Answer> {
    const { method, path, timeoutMs = TIMEOUT_MS, signal } = request;
    signal?.throwIfAborted();
    const encoded = encodeBody(request);
    const body = encoded === null ? undefined : Buffer.from(encoded);
    const params = {
      ...this.#call.params,
      method,
      path,
      querystring: queryString(request.query).slice(1),
      headers: {
        ...this.#call.params.headers,
        accept: 'application/json',
        ...contentType(request),
        ...(body && { 'content-length': String(body.length) }),
      },
      body,
    };
    try {
      return await sendToSomeNode(this.#nodes, { ...this.#call, params, timeoutMs, signal });
    } catch (error) {
      signal?.throwIfAborted();
      const what = `${method} ${path}`;
      if (error instanceof NotSentError)
        throw new TwindexError('unreachable', `${what} was not sent: ${error.message}`, { cause: error });
      if (error instanceof UnansweredError)
        throw new TwindexError('unanswered', `${what} was not answered: ${error.message}`, { cause: error });
      throw error;
    }
  }
}

/** Headers that are not copied from the caught request, since they are different in each request. */
const NOT_LEARNED = new Set(['content-type', 'content-length', 'content-encoding', 'accept', 'x-opaque-id']);

/** Sends a request with a child client and catches it, to learn which headers and options are added. */
async function learnCall(client: OpenClient, dialect: Dialect): Promise<Call> {
  const learner = client.child({});
  const { transport } = learner;
  let learned: Call | undefined;
  const getConnection = transport.getConnection.bind(transport);
  transport.getConnection = (options) => {
    const connection = getConnection(options);
    if (!connection) return null;
    const request = dialect.request(connection, async (call) => {
      learned = call;
      const headers = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
      return { status: 200, headers, body: Buffer.from('{}') };
    });
    return Object.create(connection, { request: { value: request } }) as Connection;
  };
  await transport.request({ method: 'GET', path: '/' });
  if (!learned) throw new TwindexError('unreachable', 'the client has no node');
  const headers = Object.entries(textHeaders(learned.params.headers ?? {}));
  const kept = Object.fromEntries(headers.filter(([name]) => !NOT_LEARNED.has(name)));
  return { ...learned, signal: undefined, params: { ...learned.params, headers: kept } };
}
