// What a client is told when no answer comes, and that no write of it is sent twice then.
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { engineUrls, testCluster } from '../engine.js';
import { Stage } from '../mirror/stage.js';
import { abortable, call, KINDS, openClient, openTwindex } from './clients.js';
import { eventually } from '../../eventually.js';

/** By the id of the document: what becomes of a write of it. All else goes to the engine. */
const FATES = ['lost', 'silent', 'busy'] as const;
type Fate = (typeof FATES)[number];

describe.each(KINDS)('$name', (kind) => {
  it.each([
    ['is mirrored', 'mirror'],
    ['is idle', 'idle'],
  ])('sends a write once whose outcome is not known, while the index %s', async (_, phase) => {
    const stage = await Stage.set(await testCluster());
    if (phase === 'idle')
      await stage.save({ state: 'finalized', writers: { ...stage.record.writers, mode: 'none' } });
    const front = await openFront();
    const options = { node: front.url, requestTimeout: 1_500 };
    const plain = openClient(kind, { ...options, maxRetries: 0 });
    const client = await openTwindex(kind, stage.definition, { client: options });
    const write = (id: string) => ({ index: stage.definition.aliases.write, id, document: { n: 1 } });
    for (const fate of FATES) {
      const expected = await failure(call(plain, 'index', write(fate)));
      expect(front.count(fate)).toBe(1);
      const found = await failure(call(client, 'index', write(fate)));
      expect(front.count(fate), fate).toBe(2);
      expect([found.constructor, found.name, found.statusCode], fate).toEqual([
        expected.constructor,
        expected.name,
        expected.statusCode,
      ]);
    }
    await call(client, 'index', write('fine'), { requestTimeout: 60_000 });
    expect(Object.keys(await stage.documents(stage.source))).toEqual(['fine']);
  });

  it('still sends again a read, and a write to an index that is not managed', async () => {
    const stage = await Stage.set(await testCluster());
    const front = await openFront();
    const client = await openTwindex(kind, stage.definition, { client: { node: front.url, maxRetries: 2 } });
    await failure(call(client, 'index', { index: `${stage.name}-other`, id: 'busy', document: {} }));
    expect(front.count('busy')).toBe(3);
    await failure(call(client, 'get', { index: stage.definition.aliases.read, id: 'lost' }));
    expect(front.count('lost')).toBe(3);
  });

  it('gives up waiting for a held write after its time-out, and the write is done all the same', async () => {
    const stage = await Stage.set(await testCluster());
    const client = await openTwindex(kind, stage.definition);
    const write = { index: stage.definition.aliases.write, id: 'held', document: { n: 1 } };
    await call(client, 'index', { ...write, id: 'before' });
    await stage.hold();
    const given = await failure(call(client, 'index', write, { requestTimeout: 500 }));
    expect(given.name).toBe('TimeoutError');
    expect(given).toBeInstanceOf(kind.errors.TimeoutError);
    await stage.goBack();
    await until(async () => 'held' in (await stage.documents(stage.target)));
  });

  it('rejects a held write that its caller aborts as it rejects any other, and the write is done all the same', async () => {
    const stage = await Stage.set(await testCluster());
    const client = await openTwindex(kind, stage.definition);
    const write = { index: stage.definition.aliases.write, id: 'held', document: { n: 1 } };
    await call(client, 'index', { ...write, id: 'before' });
    await stage.hold();
    const { called, abort } = abortable(client, write);
    const given = failure(called);
    await sleep(300);
    abort();
    expect(await given).toBeInstanceOf(kind.errors.RequestAbortedError);
    await stage.goBack();
    await until(async () => 'held' in (await stage.documents(stage.target)));
  });
});

interface Front {
  readonly url: string;
  count(fate: Fate): number;
}

/** Before the engine; stopped when the test ends. */
async function openFront(): Promise<Front> {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const fate = FATES.find((one) => request.url?.includes(`/_doc/${one}`));
    if (fate) {
      counts.set(fate, (counts.get(fate) ?? 0) + 1);
      request.resume().on('end', () => {
        if (fate === 'lost') request.socket.destroy();
        if (fate === 'busy') response.writeHead(503, { 'content-type': 'application/json' }).end(BUSY);
      });
      return;
    }
    const { method, headers, url } = request;
    const forward = httpRequest(new URL(url ?? '/', engineUrls[0]), { method, headers } as object);
    forward.on('response', (answer) =>
      answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers)),
    );
    forward.on('error', () => request.socket.destroy());
    request.pipe(forward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, count: (fate) => counts.get(fate) ?? 0 };
}

const BUSY = JSON.stringify({ error: { type: 'busy', reason: 'later' }, status: 503 });

function failure(called: Promise<unknown>): Promise<Error & { statusCode?: number }> {
  return called.then(
    () => {
      throw new Error('it was answered');
    },
    (error: Error) => error,
  );
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  await eventually(() => holds.toString(), holds, 60_000);
}
