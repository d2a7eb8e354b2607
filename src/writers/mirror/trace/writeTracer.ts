// The spans of a client's write: one for the write, and under it one for each request to the leader and one for
// the copies to each follower (docs/traces.md). Names and attributes follow the semantic conventions of
// OpenTelemetry for clients of Elasticsearch, but contain no ids, no documents and no parameters of requests.
import type { ClientRequest } from '../request/clientRequest.js';
import type { Decision } from '../request/decisions.js';
import type { Upstream } from '../request/upstream.js';
import type { OpenTelemetry, Span } from './openTelemetry.js';
import {
  beginRequest,
  indexAttributes,
  migrationAttributes,
  type Parent,
  spanName,
  type TracerOptions,
} from './requestSpan.js';
import { TracedCopies } from './tracedCopies.js';
import { TracedUpstream } from './tracedUpstream.js';
import type { CopyTrace, Requested, WriteTrace } from './writeTrace.js';

type Head = Pick<ClientRequest, 'method' | 'headers'>;

export class WriteTracer {
  readonly #telemetry: OpenTelemetry;
  readonly #options: TracerOptions;

  constructor(telemetry: OpenTelemetry, options: TracerOptions) {
    this.#telemetry = telemetry;
    this.#options = options;
  }

  /** @returns undefined for a request that is no write of documents */
  begin(decision: Decision, { method, headers }: Head): WriteTrace | undefined {
    if (decision.type !== 'document' && decision.type !== 'bulk') return undefined;
    const { api, tracer, propagation } = this.#telemetry;
    const { kind, engine } = this.#options;
    const write = decision.type === 'document' ? decision.write : undefined;
    const operation = write?.action ?? 'bulk';
    const index = decision.type === 'document' ? decision.write.clientIndex : decision.target.index;
    const indexes = index === undefined ? [] : [index];
    const attributes = {
      'db.system.name': engine,
      'db.operation.name': operation,
      'http.request.method': method,
      ...indexAttributes(indexes),
      ...migrationAttributes(write ? [write.name] : []),
    };
    const isServer = kind === 'server';
    const parent = isServer ? propagation.extract(api.ROOT_CONTEXT, headers) : api.context.active();
    const span = tracer.startSpan(
      spanName(operation, indexes),
      { kind: isServer ? api.SpanKind.SERVER : api.SpanKind.INTERNAL, attributes },
      parent,
    );
    const context = api.trace.setSpan(parent, span);
    return new TracedWrite(span, { telemetry: this.#telemetry, options: this.#options, context }, indexes);
  }
}

class TracedWrite implements WriteTrace {
  readonly #span: Span;
  readonly #parent: Parent;
  readonly #indexes: readonly string[];

  /** @param parent of the spans of requests */
  constructor(span: Span, parent: Parent, indexes: readonly string[]) {
    this.#span = span;
    this.#parent = parent;
    this.#indexes = indexes;
  }

  hasOperations(count: number, named: Iterable<string | undefined>): void {
    const indexes = [...new Set(named)].filter((index) => index !== undefined);
    this.#span.updateName(spanName('bulk', indexes));
    this.#span.setAttributes({ 'db.operation.batch.size': count, ...indexAttributes(indexes) });
  }

  concerns(migrations: readonly string[]): void {
    this.#span.setAttributes(migrationAttributes(migrations));
  }

  waits(reason: 'hold' | 'lease'): void {
    this.#span.addEvent('twindex.waiting', { 'twindex.waiting.reason': reason });
  }

  failed(operations: number): void {
    if (operations > 0) this.#span.setAttribute('twindex.operations.failed', operations);
  }

  through(upstream: Upstream, requested: Requested): Upstream {
    return new TracedUpstream(upstream, (request) => beginRequest(this.#parent, requested, request));
  }

  forwarding(upstream: Upstream): Upstream {
    return this.through(upstream, { migrations: [], indexes: this.#indexes });
  }

  copies(): CopyTrace {
    const bulk = { operation: 'bulk', method: 'POST' };
    return new TracedCopies(
      (follower) => beginRequest(this.#parent, follower, bulk),
      (copies) => void this.#span.setAttribute('twindex.copies.bypassed', copies),
    );
  }

  end(status: number | undefined): void {
    const { SpanStatusCode } = this.#parent.telemetry.api;
    if (status !== undefined) this.#span.setAttribute('http.response.status_code', status);
    // as the conventions for servers have it: an error of the client is none of the server
    if (status === undefined || status >= 500) {
      this.#span.setAttribute('error.type', status === undefined ? 'unanswered' : String(status));
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end();
  }
}
