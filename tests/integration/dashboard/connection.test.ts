// A connection that is lost comes back by itself, and the page gets what it has missed.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Update } from '../../../src/dashboard/pageTypes.js';
import { randomName, testCluster } from '../engine.js';
import { Subject } from '../migration/harness.js';
import { chromiumPath, openDashboard, openPage } from './browser.js';
import { livingRecord, putRecords } from './records.js';

async function readySubject(): Promise<Subject> {
  const subject = await Subject.create(await testCluster());
  await subject.fill(5, (n) => ({ n }));
  subject.start('ready', { stay: true });
  await subject.until('ready', ({ phase }) => phase === 'ready');
  return subject;
}

describe.skipIf(chromiumPath === undefined)('a page', () => {
  it('whose dashboard is away says so, and goes on when it is back', async () => {
    const subject = await readySubject();
    const before = await openDashboard({ subjects: [subject] });
    const page = await openPage(`${before.url}/#/index/${subject.name}`);
    await page.getByText('live', { exact: true }).waitFor();
    await before.stop();
    await page.getByText('The connection to the dashboard is lost').waitFor();
    await subject.steer('pause');
    await openDashboard({ subjects: [subject], port: Number(new URL(before.url).port) });
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByText('paused', { exact: true }).first().waitFor();
  });

  it('whose connections stand still notices it, connects again, and gets what it has missed', async () => {
    const subject = await readySubject();
    const { url } = await openDashboard({ subjects: [subject] });
    const tunnel = await openTunnel(Number(new URL(url).port));
    const page = await openPage(`${tunnel.url}/#/index/${subject.name}`);
    await page.getByText('live', { exact: true }).waitFor();
    tunnel.standStill();
    await subject.steer('pause');
    await page.getByText('paused', { exact: true }).first().waitFor({ timeout: 60_000 });
    await page.getByText('live', { exact: true }).waitFor();
  });
});

/** As an SSH tunnel, whose connections may stand still without being closed. */
async function openTunnel(port: number): Promise<{ readonly url: string; standStill(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => [near, far].forEach((one) => one.destroy()));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    standStill: () => sockets.forEach((socket) => socket.unpipe().pause()),
  };
}

/** The first update of a stream, with its id. */
async function firstUpdate(
  url: string,
  lastId?: string,
): Promise<{ readonly id: string; readonly update: Update }> {
  const ending = new AbortController();
  const headers: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId };
  const { body } = await fetch(`${url}/api/events`, { headers, signal: ending.signal });
  let text = '';
  for await (const chunk of (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const [, id, data] = /id: (.*)\nevent: update\ndata: (.*)\n\n/.exec(text) ?? [];
    if (id === undefined || data === undefined) continue;
    ending.abort();
    return { id, update: JSON.parse(data) as Update };
  }
  throw new Error('the stream has ended');
}

describe('a stream', () => {
  it('that names its last event gets only what has changed since', async () => {
    const [one, other] = [randomName('dash'), randomName('dash')];
    await putRecords([livingRecord(one), livingRecord(other)]);
    const { url } = await openDashboard();
    const first = await firstUpdate(url);
    expect(first.update.whole).toBe(true);
    const named = first.update.rows.map(({ name }) => name);
    expect(named).toEqual(expect.arrayContaining([one, other]));
    await putRecords([livingRecord(other, { paused: true })]);
    const second = await firstUpdate(url, first.id);
    expect(second.update.whole).toBe(false);
    expect(second.update.rows.map(({ name }) => name)).not.toContain(one);
    expect((await firstUpdate(url, 'other.1')).update.whole).toBe(true);
  });
});
