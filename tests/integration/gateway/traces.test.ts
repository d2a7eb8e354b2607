// The traces of writes through a gateway, from the client's request to the copy on the follower.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as api from '@opentelemetry/api';
import { tracing } from '@opentelemetry/sdk-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGateway } from '../../../src/writers/gateway/gatewayServer.js';
import { WriteTracer } from '../../../src/writers/mirror/trace/writeTracer.js';
import { engineName, engineUrls, testCluster } from '../engine.js';
import { intercepted, Stage } from '../mirror/stage.js';
import { isNight } from '../../nightly.js';
import { scratchFolder } from '../scratchFolder.js';
import { runGateway } from './gatewayProcess.js';
import { get } from './harness.js';
import { openReceiver, type Span } from './spanReceiver.js';

const WATCH = fileURLToPath(new URL('packageWatch.cjs', import.meta.url));
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CLIENT_SPAN = 'b7ad6b7169203331';
const SECRET = 'planted-secret';
const [SERVER, CLIENT] = [2, 3];

/** A folder whose index file declares the index of the stage. */
async function folderOf(stage: Stage): Promise<string> {
  const folder = await scratchFolder();
  const config = { cluster: { nodes: engineUrls, maxRetries: 0 }, indexes: ['./index.json'] };
  await writeFile(join(folder, 'twindex.config.json'), JSON.stringify(config));
  const { name, version } = stage.definition;
  await writeFile(join(folder, 'index.json'), JSON.stringify({ name, version, mappings: {} }));
  return folder;
}

async function startTraced(stage: Stage, env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const gateway = await runGateway({ folder: await folderOf(stage), args: ['--json', ...args], env });
  const { url } = JSON.parse(gateway.first) as { url: string };
  const write = (path: string, body: string, headers: Record<string, string> = {}) =>
    get(url + path, {
      method: path.endsWith('_bulk') ? 'POST' : 'PUT',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  const stop = async () => {
    gateway.child.kill('SIGTERM');
    return await gateway.closed;
  };
  return { ...gateway, write, stop };
}

const childrenOf = (spans: readonly Span[], parent: Span | undefined) =>
  spans.filter(({ parentSpanId }) => parentSpanId === parent?.spanId);

describe('a gateway with OTEL_*', () => {
  it('exports a trace of each write, with its requests to both indexes, before it ends', async () => {
    const stage = await Stage.set(await testCluster());
    const receiver = await openReceiver();
    const gateway = await startTraced(stage, receiver.env, '--processes', '2');
    const { write } = stage.definition.aliases;
    const traceparent = `00-${TRACE_ID}-${CLIENT_SPAN}-01`;
    const put = await gateway.write(`/${write}/_doc/${SECRET}?routing=${SECRET}`, `{"a":"${SECRET}"}`, {
      traceparent,
      authorization: `ApiKey ${SECRET}`,
    });
    expect(put.status).toBe(201);
    const lines = [{ index: { _id: '1' } }, { n: 1 }, { create: { _id: SECRET, routing: SECRET } }, { n: 1 }];
    const bulk = await gateway.write(
      `/${write}/_bulk`,
      `${lines.map((one) => JSON.stringify(one)).join('\n')}\n`,
    );
    expect(bulk.text).toContain('"errors":true');
    expect(await gateway.stop()).toEqual([0, null]);

    const spans = receiver.spans();
    const one = spans.find(({ parentSpanId }) => parentSpanId === CLIENT_SPAN);
    const common = { 'db.system.name': engineName, 'twindex.migration': stage.name };
    const ofWrite = { ...common, 'db.collection.name': write };
    const ofLeader = { ...common, 'twindex.role': 'leader', 'db.collection.name': stage.source };
    const ofFollower = { ...common, 'twindex.role': 'follower', 'db.collection.name': stage.target };
    expect(one).toMatchObject({
      name: `index ${write}`,
      kind: SERVER,
      traceId: TRACE_ID,
      attributes: { ...ofWrite, 'db.operation.name': 'index', 'http.response.status_code': 201 },
      resource: { 'service.name': 'twindex-gateway' },
    });
    expect(childrenOf(spans, one)).toEqual([
      expect.objectContaining({
        name: `index ${stage.source}`,
        kind: CLIENT,
        attributes: expect.objectContaining({ ...ofLeader, 'db.response.status_code': '201' }),
      }),
      expect.objectContaining({
        name: `bulk ${stage.target}`,
        kind: CLIENT,
        attributes: expect.objectContaining({
          ...ofFollower,
          'db.response.status_code': '200',
          'db.operation.batch.size': 1,
          'twindex.copies.mirrored': 1,
        }),
      }),
    ]);

    const many = spans.find(({ name }) => name === `bulk ${write}`);
    expect(many).toMatchObject({
      kind: SERVER,
      attributes: {
        ...ofWrite,
        'db.operation.batch.size': 2,
        'twindex.operations.failed': 1,
        'http.response.status_code': 200,
      },
    });
    const [leader, follower, ...more] = childrenOf(spans, many);
    expect(leader?.attributes).toMatchObject({ ...ofLeader, 'db.operation.batch.size': 2 });
    expect(follower?.attributes).toMatchObject({ ...ofFollower, 'db.operation.batch.size': 1 });
    expect(more).toEqual([]);
    expect(receiver.text()).not.toContain(SECRET);
  });

  it.runIf(isNight)('whose collector never answers writes and ends as without traces', async () => {
    const stage = await Stage.set(await testCluster());
    const receiver = await openReceiver(false);
    const gateway = await startTraced(stage, receiver.env);
    for (let n = 0; n < 50; n++)
      expect((await gateway.write(`/${stage.definition.aliases.write}/_doc/${n}`, '{}')).status).toBe(201);
    expect(await gateway.stop()).toEqual([0, null]);
    expect(gateway.stderr()).toContain('the last traces could not be exported: no answer in 3000 ms');
  });
});

it('a gateway without OTEL_* asks for no package; one whose packages are not installed says how to install them', async () => {
  const stage = await Stage.set(await testCluster());
  const receiver = await openReceiver();
  const watch = { NODE_OPTIONS: `--require ${WATCH}` };
  const [without, withheld] = await Promise.all([
    startTraced(stage, watch),
    startTraced(stage, { ...watch, ...receiver.env, WITHHOLD: 'yes' }),
  ]);
  for (const gateway of [without, withheld]) {
    expect((await gateway.write(`/${stage.definition.aliases.write}/_doc/1`, '{}')).status).toBeLessThan(300);
    expect(await gateway.stop()).toEqual([0, null]);
  }
  expect(without.stderr()).not.toContain('asks for');
  expect(withheld.stderr()).toContain('npm install @opentelemetry/api @opentelemetry/sdk-node');
  expect(receiver.spans()).toEqual([]);
});

it('a copy that is made after the client was answered is still in the trace of its write', async () => {
  const stage = await Stage.set(await testCluster());
  const exporter = new tracing.InMemorySpanExporter();
  const provider = new tracing.BasicTracerProvider({
    spanProcessors: [new tracing.SimpleSpanProcessor(exporter)],
  });
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const cluster = intercepted(stage.cluster, async (request, send) => {
    if (request.path.includes('.Mirror.')) await gate;
    return await send();
  });
  const copyLimits = { unawaited: 1_000, unawaitedMs: 60_000 };
  const { mirror } = await stage.writer({ cluster, type: 'gateway', copyLimits });
  const tracer = new WriteTracer(
    { api, tracer: provider.getTracer('test'), propagation: api.propagation },
    { engine: engineName, kind: 'server', ownSdk: true },
  );
  const gateway = await startGateway({ port: 0, cluster, mirror, tracer });
  onTestFinished(() => gateway.stop());
  onTestFinished(letGo);
  const put = await get(`${gateway.url}/${stage.definition.aliases.write}/_doc/1`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(put.status).toBe(201);
  const ended = () => exporter.getFinishedSpans();
  await expect.poll(() => ended().length).toBe(2);
  expect(ended().map(({ kind }) => kind)).toEqual([api.SpanKind.CLIENT, api.SpanKind.SERVER]);
  letGo();
  await gateway.stop();
  const [, write, copy] = ended();
  expect(copy?.attributes).toMatchObject({ 'twindex.role': 'follower', 'twindex.awaited': false });
  expect(copy?.parentSpanContext?.spanId).toBe(write?.spanContext().spanId);
  expect(copy?.events.map(({ name }) => name)).toEqual(['twindex.sent']);
  expect(Object.keys(await stage.documents(stage.target))).toEqual(['1']);
});
