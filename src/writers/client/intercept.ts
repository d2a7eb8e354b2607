// Intercepts requests between the transport of an official client and its connections. If twindex carries out
// a request, the transport gets the answer as if from a node, so errors, `meta` and events stay the client's
// own.
import type { EngineName } from '../../cluster/cluster.js';
import type { Decision, Headers } from '../mirror/request/decide.js';
import type { Mirror } from '../mirror/mirror.js';
import type { ClientReply } from '../mirror/request/clientRequest.js';
import { NotSentError, UnansweredError } from '../mirror/request/upstream.js';
import type { WriteTrace } from '../mirror/trace/writeTrace.js';
import type { WriteTracer } from '../mirror/trace/writeTracer.js';
import { readStream, textHeaders, unpack } from './clientAnswer.js';
import { ClientUpstream } from './clientUpstream.js';
import type { Call, Dialect } from './dialect.js';
import type { Nodes } from './nodes.js';
import type { Connection, OpenClient, RequestParams, Transport } from './officialClient.js';
import { orGivenUp } from './waiting.js';

export interface Interception {
  readonly mirror: Mirror;
  readonly dialect: Dialect;
  readonly engine: EngineName;
  readonly version: number | undefined;
  /** Undefined if the application has no traces. */
  readonly tracer: WriteTracer | undefined;
}

export function intercept({ transport }: OpenClient, interception: Interception): void {
  const request = transport.request.bind(transport);
  const getConnection = transport.getConnection.bind(transport);
  const nodes: Nodes = {
    transport,
    dialect: interception.dialect,
    next: () => getConnection({ requestId: 'twindex', context: null }),
  };
  const intercepted = new WeakMap<Connection, Connection>();

  transport.getConnection = (options) => {
    const connection = getConnection(options);
    if (!connection) return null;
    const known = intercepted.get(connection) ?? stepIn(connection, nodes, interception);
    intercepted.set(connection, known);
    return known;
  };
  transport.request = requestOnce(request, interception);
}

/** Switches off the transport's retries: they might repeat a write that was done. `Mirror` retries instead. */
function requestOnce(request: Transport['request'], { mirror }: Interception): Transport['request'] {
  return (params, ...rest) => {
    if (!mayWrite(params) || !mirror.concerns(params.method, urlOf({ ...params, querystring: '' })))
      return request(params, ...rest);
    const [options, ...callback] = typeof rest[0] === 'function' ? [undefined, ...rest] : rest;
    return request(params, { ...(options as object | undefined), maxRetries: 0 }, ...callback);
  };
}

/** Replaces `request` only. The client's pool keeps its state in other properties, which stay reachable. */
function stepIn(connection: Connection, nodes: Nodes, interception: Interception): Connection {
  const request = nodes.dialect.request(connection, (call) =>
    takeOver(call, connection, nodes, interception),
  );
  return new Proxy(connection, {
    get: (target, key) => (key === 'request' ? request : Reflect.get(target, key)),
    set: (target, key, value) => Reflect.set(target, key, value),
  });
}

function takeOver(
  call: Call,
  connection: Connection,
  nodes: Nodes,
  interception: Interception,
): Promise<ClientReply> | undefined {
  const { params } = call;
  if (!mayWrite(params)) return undefined;
  const { mirror, version, tracer } = interception;
  const url = urlOf(params);
  const { 'content-encoding': encoding, ...headers } = textHeaders(params.headers ?? {});
  if (version !== undefined) headers['x-twindex-version'] ??= String(version);
  const decision = mirror.decide(params.method, url, headers);
  if (decision.type === 'pass' && !mirror.concerns(params.method, url)) return undefined;
  const upstream = new ClientUpstream(nodes, call, connection);
  const trace = tracer?.begin(decision, { method: params.method, headers });
  return orGivenUp(perform({ call, url, headers, encoding, decision, upstream, trace }, interception), call);
}

interface Taken {
  readonly call: Call;
  readonly url: string;
  readonly headers: Headers;
  readonly encoding: string | undefined;
  readonly decision: Decision;
  readonly upstream: ClientUpstream;
  readonly trace: WriteTrace | undefined;
}

async function perform(taken: Taken, { mirror, engine }: Interception): Promise<ClientReply> {
  const { call, url, headers, encoding, decision, upstream, trace } = taken;
  let status: number | undefined;
  try {
    const bytes = await bytesOf(call.params.body);
    const body = bytes && (await unpack(bytes, encoding));
    const request = { method: call.params.method, url, headers, body, trace };
    const reply = await mirror.perform(decision, request, upstream);
    status = reply.status;
    // throw the error that the client would have got without twindex
    if (upstream.failure !== undefined && isAboutFailure(reply)) throw upstream.failure;
    return asProduct(reply, engine);
  } catch (error) {
    if (error instanceof NotSentError || error instanceof UnansweredError) throw error.cause ?? error;
    throw error;
  } finally {
    trace?.end(status);
  }
}

function isAboutFailure({ status, body }: ClientReply): boolean {
  if (status !== 503 && status !== 504) return false;
  const { error } = JSON.parse(body.toString()) as { error?: { type?: string } };
  return error?.type === 'twindex_unanswered' || error?.type === 'twindex_unreachable';
}

/** Elasticsearch's client refuses an answer without this header. */
function asProduct(reply: ClientReply, engine: EngineName): ClientReply {
  if (engine !== 'elasticsearch') return reply;
  return { ...reply, headers: { 'x-elastic-product': 'Elasticsearch', ...reply.headers } };
}

const mayWrite = ({ method }: RequestParams): boolean => method !== 'GET' && method !== 'HEAD';

function urlOf({ path, querystring }: RequestParams): string {
  const query = typeof querystring === 'string' && querystring !== '' ? `?${querystring}` : '';
  return (path.startsWith('/') ? path : `/${path}`) + query;
}

async function bytesOf(body: unknown): Promise<Buffer | undefined> {
  if (body === undefined || body === null || body === '') return undefined;
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body);
  return await readStream(body as Parameters<typeof readStream>[0]);
}
