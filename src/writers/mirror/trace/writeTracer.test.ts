import { readFileSync } from 'node:fs';
import * as api from '@opentelemetry/api';
import { core, tracing } from '@opentelemetry/sdk-node';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../cluster/cluster.js';
import type { Decision } from '../request/decisions.js';
import { UnansweredError, type Upstream, type UpstreamRequest } from '../request/upstream.js';
import { BatchTrace } from './batchTrace.js';
import type { TracerOptions } from './requestSpan.js';
import type { Requested, WriteTrace } from './writeTrace.js';
import { WriteTracer } from './writeTracer.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CLIENT_SPAN = 'b7ad6b7169203331';
const HEADERS = { traceparent: `00-${TRACE_ID}-${CLIENT_SPAN}-01`, authorization: 'ApiKey secret' };

const CLUSTER = {
  engine: { name: 'opensearch', version: '3.0.0', major: 3 },
  connection: { urls: ['https://search:9200'] },
} as unknown as Cluster;
const LEADER: Requested = {
  role: 'leader',
  migrations: ['books'],
  indexes: ['books-v1'],
  cluster: CLUSTER,
};
const FOLLOWER: Requested = { ...LEADER, role: 'follower', indexes: ['books-v2'] };

const DOCUMENT = {
  type: 'document',
  write: { action: 'index', name: 'books', clientIndex: 'books-write', id: 'secret-id' },
} as unknown as Decision;
const BULK = { type: 'bulk', target: { type: 'bulk', index: undefined, params: {} } } as unknown as Decision;
const PUT = { method: 'PUT', path: '/books-v1/_doc/secret-id?routing=secret', body: undefined, headers: {} };

/** Everything that a tracer has made, in the order of its end. */
function open(options: Partial<TracerOptions> = {}) {
  const exporter = new tracing.InMemorySpanExporter();
  const provider = new tracing.BasicTracerProvider({
    spanProcessors: [new tracing.SimpleSpanProcessor(exporter)],
  });
  const w3c = new core.W3CTraceContextPropagator();
  const propagation = {
    extract: (context: api.Context, carrier: unknown) =>
      w3c.extract(context, carrier, api.defaultTextMapGetter),
    inject: (context: api.Context, carrier: unknown) =>
      w3c.inject(context, carrier, api.defaultTextMapSetter),
  };
  const tracer = new WriteTracer(
    { api, tracer: provider.getTracer('test'), propagation },
    { engine: 'opensearch', kind: 'server', ownSdk: true, ...options },
  );
  const begin = (decision: Decision): WriteTrace =>
    tracer.begin(decision, { method: 'PUT', headers: HEADERS }) as WriteTrace;
  return { tracer, begin, ended: () => exporter.getFinishedSpans() };
}

/** Answers with this status, and keeps the headers of each request. */
function answering(status: number, seen: UpstreamRequest['headers'][] = []): Upstream {
  const upstream: Upstream = {
    to: () => upstream,
    send: ({ headers }) => {
      seen.push(headers);
      return Promise.resolve({ status, headers: {}, body: Buffer.alloc(0) });
    },
  };
  return upstream;
}

const silent: Upstream = { to: () => silent, send: () => Promise.reject(new UnansweredError('no answer')) };
const sent = () => Promise.resolve({ type: 'answered' as const, body: Buffer.alloc(0) });

describe('the spans of a write', () => {
  it('hang together, and each request names its own span to the engine', async () => {
    const { begin, ended } = open();
    const trace = begin(DOCUMENT);
    const seen: UpstreamRequest['headers'][] = [];
    await trace.through(answering(201, seen), LEADER).to('source').send(PUT);
    const copies = trace.copies();
    const copy = copies.begin(FOLLOWER, true);
    copies.close();
    let named = {};
    await BatchTrace.of([{ span: copy }])?.send(1, (headers) => {
      named = headers;
      return sent();
    });
    copy.ended('mirrored');
    trace.end(201);
    const [leader, follower, write] = ended();
    expect([leader, follower, write].map((span) => [span?.name, span?.kind])).toEqual([
      ['index books-v1', api.SpanKind.CLIENT],
      ['bulk books-v2', api.SpanKind.CLIENT],
      ['index books-write', api.SpanKind.SERVER],
    ]);
    expect(write?.parentSpanContext?.spanId).toBe(CLIENT_SPAN);
    for (const child of [leader, follower])
      expect(child?.parentSpanContext?.spanId).toBe(write?.spanContext().spanId);
    expect(seen).toEqual([{ traceparent: `00-${TRACE_ID}-${leader?.spanContext().spanId}-01` }]);
    expect(named).toEqual({ traceparent: `00-${TRACE_ID}-${follower?.spanContext().spanId}-01` });
  });

  it('of copies are one for each follower, and end with the last copy, after the write if need be', () => {
    const { begin, ended } = open();
    const trace = begin(BULK);
    const copies = trace.copies();
    const [first, second] = [copies.begin(FOLLOWER, false), copies.begin(FOLLOWER, false)];
    const other = copies.begin({ ...FOLLOWER, indexes: ['films-v2'] }, false);
    first.ended('mirrored');
    other.ended('refused');
    expect(ended()).toEqual([]);
    copies.close();
    trace.end(200);
    expect(ended().map(({ name }) => name)).toEqual(['bulk films-v2', 'bulk']);
    second.ended('conflicts');
    expect(ended()[2]?.attributes).toMatchObject({
      'db.operation.batch.size': 2,
      'twindex.copies.mirrored': 1,
      'twindex.copies.conflicts': 1,
      'twindex.awaited': false,
    });
    expect(ended().map(({ status }) => status.code)).toEqual([
      api.SpanStatusCode.ERROR,
      api.SpanStatusCode.UNSET,
      api.SpanStatusCode.UNSET,
    ]);
  });

  it('show errors: of the engine, of the way to it, and of the gateway, but not those of the client', async () => {
    const { begin, ended } = open();
    await begin(DOCUMENT).through(answering(429), LEADER).send(PUT);
    await expect(begin(DOCUMENT).through(silent, LEADER).send(PUT)).rejects.toThrow('no answer');
    begin(DOCUMENT).end(400);
    begin(DOCUMENT).end(503);
    begin(DOCUMENT).end(undefined);
    expect(ended().map(({ status, attributes }) => [status.code, attributes['error.type']])).toEqual([
      [api.SpanStatusCode.ERROR, '429'],
      [api.SpanStatusCode.ERROR, 'unanswered'],
      [api.SpanStatusCode.UNSET, undefined],
      [api.SpanStatusCode.ERROR, '503'],
      [api.SpanStatusCode.ERROR, 'unanswered'],
    ]);
  });

  it('are made only for writes of documents', () => {
    const { tracer } = open();
    const head = { method: 'POST', headers: {} };
    expect(tracer.begin({ type: 'waitForSwitch', names: ['books'] }, head)).toBeUndefined();
    expect(tracer.begin({ type: 'pass' }, head)).toBeUndefined();
  });

  it('of an application leave the headers to its own instrumentation, but for what a gateway sends by itself', async () => {
    const headersOf = async (options: Partial<TracerOptions>, requested: Requested) => {
      const seen: UpstreamRequest['headers'][] = [];
      await open(options).begin(DOCUMENT).through(answering(200, seen), requested).send(PUT);
      return Object.keys(seen[0] ?? {});
    };
    expect(await headersOf({ kind: 'internal', ownSdk: false }, LEADER)).toEqual([]);
    expect(await headersOf({ ownSdk: false }, FOLLOWER)).toEqual([]);
    expect(await headersOf({ ownSdk: false }, LEADER)).toEqual(['traceparent']);
    expect(await headersOf({ ownSdk: true }, FOLLOWER)).toEqual(['traceparent']);
  });

  it('name a bulk after its index, or after none if there are several', () => {
    const { begin, ended } = open();
    for (const indexes of [['a', 'a'], ['b', 'a'], Array.from({ length: 12 }, (_, n) => `t${n}`), []]) {
      const trace = begin(BULK);
      trace.hasOperations(indexes.length, indexes);
      trace.end(200);
    }
    expect(ended().map(({ name, attributes }) => [name, attributes['db.collection.name']])).toEqual([
      ['bulk a', 'a'],
      ['bulk', 'a, b'],
      ['bulk', 't0, t1, t2, t3, t4, t5, t6, t7, t8, t9, …'],
      ['bulk', undefined],
    ]);
  });
});

/** Makes every span with every attribute and event. */
async function makeAll({ begin }: ReturnType<typeof open>): Promise<void> {
  const trace = begin(BULK);
  trace.hasOperations(2, ['books-write']);
  trace.concerns(['books']);
  trace.waits('hold');
  await trace.through(answering(500), { ...LEADER, operations: 2 }).send(PUT);
  await trace.forwarding(answering(200)).send(PUT);
  const copies = trace.copies();
  copies.bypassed();
  const outcomes = ['mirrored', 'conflicts', 'refused', 'unanswered', undefined] as const;
  const queued = outcomes.map((outcome) => ({ span: copies.begin(FOLLOWER, true), outcome }));
  copies.close();
  await BatchTrace.of(queued)?.send(queued.length, sent);
  for (const { span, outcome } of queued) span.ended(outcome);
  trace.failed(1);
  trace.end(503);
}

const page = readFileSync(new URL('../../../../docs/traces.md', import.meta.url), 'utf8');

/** The rows of a table of the page, by the head of its first column. */
function rowsOf(head: string): string[][] {
  const [, table = ''] = new RegExp(`^\\| ${head} \\|.*\\n\\|[-|]+\\n((?:\\|.*\\n)+)`, 'm').exec(page) ?? [];
  return table
    .trimEnd()
    .split('\n')
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const roleOf = (attributes: api.Attributes, kind: api.SpanKind): string =>
  kind === api.SpanKind.SERVER ? 'write' : String(attributes['twindex.role']);

describe('docs/traces.md', () => {
  it('has a row for each attribute and the spans that it is on, and no other', async () => {
    const traced = open();
    await makeAll(traced);
    const made = new Set(
      traced
        .ended()
        .flatMap(({ attributes, kind }) =>
          Object.keys(attributes).map((name) => `${name} ${roleOf(attributes, kind)}`),
        ),
    );
    const forwarded = [...made].filter((entry) => entry.endsWith(' undefined'));
    expect(forwarded.length).toBeGreaterThan(3);
    const documented = rowsOf('attribute').flatMap(([names = '', ...on]) =>
      [...names.matchAll(/`([^`]+)`/g)].flatMap(([, name]) =>
        ['write', 'leader', 'follower'].filter((_, n) => on[n] === '✓').map((role) => `${name} ${role}`),
      ),
    );
    expect(documented.sort()).toEqual([...made].filter((entry) => !forwarded.includes(entry)).sort());
  });

  it('has a row for each event', async () => {
    const traced = open();
    await makeAll(traced);
    const made = traced
      .ended()
      .flatMap(({ events, attributes, kind }) =>
        events.map(({ name, attributes: of = {} }) =>
          [name, roleOf(attributes, kind), ...Object.keys(of)].join(' '),
        ),
      );
    const documented = rowsOf('event').map(([name, on, attribute]) =>
      [name, on, attribute].join(' ').replaceAll('`', ''),
    );
    expect(documented.sort()).toEqual([...new Set(made)].sort());
  });
});

it('no span contains an id, a parameter, a header or a document', async () => {
  const traced = open();
  await makeAll(traced);
  await traced.begin(DOCUMENT).through(answering(200), LEADER).send(PUT);
  traced.begin(DOCUMENT).end(201);
  const spans = traced.ended().map(({ name, attributes, events }) => ({ name, attributes, events }));
  expect(JSON.stringify(spans)).not.toContain('secret');
});
