// Begins the spans of requests to the engine, and gives them the attributes that all of them have.
import type { Cluster, EngineName } from '../../../cluster/cluster.js';
import type { Attributes, Context, OpenTelemetry } from './openTelemetry.js';
import type { Requested, RequestSpan } from './writeTrace.js';

export interface TracerOptions {
  /** The engine that clients take this writer for. */
  readonly engine: EngineName;
  /** `server`: headers of the client name the parent span. `internal`: it is the active span of the application. */
  readonly kind: 'server' | 'internal';
  /** Whether twindex has started the SDK. Then no other code adds headers about spans to requests. */
  readonly ownSdk: boolean;
}

export interface Parent {
  readonly telemetry: OpenTelemetry;
  readonly options: TracerOptions;
  /** The context with the span of the client's write. */
  readonly context: Context;
}

export function beginRequest(
  { telemetry: { api, tracer, propagation }, options, context }: Parent,
  { role, migrations, indexes, operations, cluster }: Requested,
  { operation, method }: { readonly operation: string; readonly method: string },
): RequestSpan {
  const attributes = {
    'db.system.name': cluster?.engine.name ?? options.engine,
    'db.operation.name': operation,
    'http.request.method': method,
    ...indexAttributes(indexes),
    ...migrationAttributes(migrations),
    ...(role && { 'twindex.role': role }),
    ...(operations !== undefined && { 'db.operation.batch.size': operations }),
    ...(cluster && serverAttributes(cluster)),
  };
  const span = tracer.startSpan(
    spanName(operation, indexes),
    { kind: api.SpanKind.CLIENT, attributes },
    context,
  );
  const hasHeaders = options.ownSdk || (options.kind === 'server' && role !== 'follower');
  return {
    set: (more) => void span.setAttributes(more),
    event: (name, more) => void span.addEvent(name, more),
    fail: (errorType) =>
      void span.setAttribute('error.type', errorType).setStatus({ code: api.SpanStatusCode.ERROR }),
    end: () => span.end(),
    within: (send) => api.context.with(api.trace.setSpan(context, span), send),
    headers: () => {
      const headers: Record<string, string> = {};
      // The engines refuse a request with two headers `traceparent`, and instrumentation of an application adds one
      // to each request. It does not see what a gateway sends to the leader, which uses none of Node's HTTP clients.
      if (hasHeaders) propagation.inject(api.trace.setSpan(api.ROOT_CONTEXT, span), headers);
      return headers;
    },
  };
}

/** A span is named after its index, unless there are several. */
export function spanName(operation: string, indexes: readonly string[]): string {
  return indexes.length === 1 ? `${operation} ${shortened(indexes[0] ?? '')}` : operation;
}

export const indexAttributes = (indexes: readonly string[]): Attributes =>
  indexes.length === 0 ? {} : { 'db.collection.name': listed(indexes) };

export const migrationAttributes = (names: readonly string[]): Attributes =>
  names.length === 0 ? {} : { 'twindex.migration': listed(names) };

/** A bulk may write to hundreds of indexes of a family. */
const MAX_LISTED = 10;
/** The engines refuse longer names of indexes. But a client that is not known yet may send them. */
const MAX_NAME = 255;

const shortened = (name: string): string => (name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name);

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).map(shortened).sort();
  return [...shown, ...(names.length > MAX_LISTED ? ['…'] : [])].join(', ');
}

/** Only if there is one node: of several nodes it is not known which one gets the request. */
function serverAttributes({ connection }: Cluster): Attributes {
  const [url, ...others] = connection.urls;
  if (url === undefined || others.length > 0) return {};
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === 'https:' ? 443 : 80;
  return { 'server.address': hostname, 'server.port': port === '' ? usual : Number(port) };
}
