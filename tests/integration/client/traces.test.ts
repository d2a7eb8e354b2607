// The traces of an application with an SDK of its own, whose client writes to both indexes.
import { context, SpanKind, trace } from '@opentelemetry/api';
import { NodeSDK, tracing } from '@opentelemetry/sdk-node';
import { afterAll, describe, expect, it } from 'vitest';
import { engineName, testCluster } from '../engine.js';
import { Stage } from '../mirror/stage.js';
import { call, KINDS, openTwindex } from './clients.js';

const exporter = new tracing.InMemorySpanExporter();
const sdk = new NodeSDK({
  spanProcessors: [new tracing.SimpleSpanProcessor(exporter)],
  metricReaders: [],
  logRecordProcessors: [],
});

afterAll(() => sdk.shutdown());

describe.each(KINDS.slice(0, 1))('$name', (kind) => {
  it('shows in the trace of the application what became of a write', async () => {
    sdk.start();
    const stage = await Stage.set(await testCluster());
    const client = await openTwindex(kind, stage.definition, {});
    const own = trace.getTracer('application').startSpan('own');
    const index = stage.definition.aliases.write;
    await context.with(trace.setSpan(context.active(), own), () =>
      call(client, 'index', { index, id: '1', document: { n: 1 } }),
    );
    own.end();
    await client.close();
    const spans = exporter.getFinishedSpans();
    const write = spans.find(({ name, kind: of }) => of === SpanKind.INTERNAL && name !== 'own');
    expect(write).toMatchObject({
      name: `index ${index}`,
      attributes: { 'db.system.name': engineName, 'twindex.migration': stage.name },
    });
    expect(write?.spanContext().traceId).toBe(own.spanContext().traceId);
    const children = spans.filter(
      ({ parentSpanContext }) => parentSpanContext?.spanId === write?.spanContext().spanId,
    );
    expect(children.map(({ attributes, name }) => [attributes['twindex.role'], name])).toEqual([
      ['leader', `index ${stage.source}`],
      ['follower', `bulk ${stage.target}`],
    ]);
    expect((await stage.get(stage.target, '1')).found).toBe(true);
  });
});
