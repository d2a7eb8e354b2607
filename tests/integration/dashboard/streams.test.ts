// Requests of programs that want to harm the dashboard: they take nothing from the pages of others.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { open, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Update } from '../../../src/dashboard/pageTypes.js';
import type { MigrationRecord } from '../../../src/protocol/record.js';
import { eventually } from '../../eventually.js';
import { randomName } from '../engine.js';
import { openDashboard, TOKEN } from './browser.js';
import { livingRecord, putRecords } from './records.js';

const STREAM = 'GET /api/events HTTP/1.1\r\nhost: localhost\r\n';

/** Sends bytes, and leaves the connection open until the test ends. */
async function send(url: string, bytes: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  return socket;
}

async function firstLine(url: string, bytes: string): Promise<string> {
  const socket = await send(url, bytes);
  const [bytesBack] = (await once(socket, 'data')) as [Buffer];
  return bytesBack.toString().split('\r\n')[0] as string;
}

/** Opens this many streams at once. 200 is the limit. */
async function statusesOf(url: string, streams: number, more = ''): Promise<ReadonlySet<string>> {
  const lines = Array.from({ length: streams }, () => firstLine(url, `${STREAM}${more}\r\n`));
  return new Set(await Promise.all(lines));
}

describe('a request', () => {
  it('for another host, or with brackets for its host, is refused', async () => {
    const { url } = await openDashboard();
    for (const target of ['/\\[', '/\\elsewhere/', '//elsewhere/'])
      expect(await firstLine(url, `GET ${target} HTTP/1.1\r\nhost: localhost\r\n\r\n`)).toContain(' 400 ');
  });

  it('whose body is no object is refused', async () => {
    const { url } = await openDashboard();
    const authorization = `Bearer ${TOKEN}`;
    for (const path of ['/api/rejected/books', '/api/migrations/books/pause'])
      for (const body of ['null', '[]', '7', '"id"']) {
        const headers = { authorization, 'x-twindex-dashboard': '1', 'content-type': 'application/json' };
        expect((await fetch(`${url}${path}`, { method: 'POST', headers, body })).status).toBe(400);
      }
  });

  it('is answered without the path of the token file when the token cannot be read, and the log has it', async () => {
    const { url, log, tokenFile } = await openDashboard({ host: '0.0.0.0' });
    await rm(tokenFile);
    for (const headers of [undefined, { authorization: `Bearer ${TOKEN}` }]) {
      const answer = await fetch(`${url}/metrics`, headers ? { headers } : {});
      expect(answer.status).toBe(503);
      expect(await answer.text()).not.toContain(tokenFile);
    }
    expect(log).toEqual([expect.stringContaining(tokenFile)]);
    await writeFile(tokenFile, TOKEN);
    expect((await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(
      200,
    );
  });
});

describe('a stream', () => {
  it('that waits behind another one on the same connection does not count as an open page for ever', async () => {
    const { url } = await openDashboard();
    const socket = await send(url, `${STREAM}\r\n`.repeat(20));
    await once(socket, 'data');
    socket.destroy();
    expect(await statusesOf(url, 190)).toEqual(new Set(['HTTP/1.1 200 OK']));
  });

  it('whose client is gone before its token was checked does not count as an open page for ever', async () => {
    const { url, tokenFile } = await openDashboard({ host: '0.0.0.0' });
    const authorization = `authorization: Bearer ${TOKEN}\r\n`;
    // a check of the token waits until somebody writes into the pipe
    await rm(tokenFile);
    execFileSync('mkfifo', [tokenFile]);
    const socket = await send(url, `${STREAM}${authorization}\r\n`);
    const pipe = await open(tokenFile, 'w');
    socket.destroy();
    await once(socket, 'close');
    await fetch(`${url}/-/health`);
    await pipe.writeFile(TOKEN);
    await pipe.close();
    await rm(tokenFile);
    await writeFile(tokenFile, TOKEN);
    expect(await statusesOf(url, 200, authorization)).toEqual(new Set(['HTTP/1.1 200 OK']));
  });

  it('of a name that cannot be read or that is too long shows that to nobody else', async () => {
    const [name, damaged] = [randomName('dash'), randomName('dash')];
    await putRecords([
      livingRecord(name),
      { kind: 'migration', name: damaged } as unknown as MigrationRecord,
    ]);
    const { url } = await openDashboard();
    const watching = [damaged, '/'.repeat(1_300), '*'].map((one) => openUpdates(url, one));
    const [ofDamaged, ofLong, ofPattern] = watching as [Updates, Updates, Updates];
    await eventually('the trouble is shown', () => ofDamaged.last?.trouble.includes("can't read"), 30_000);
    await eventually('nothing is found', () => ofLong.detail === null && ofPattern.detail === null, 30_000);
    const list = openUpdates(url);
    await eventually('the list is shown', () => list.rows.has(name), 30_000);
    expect([list, ofLong, ofPattern].map(({ last }) => last?.trouble)).toEqual(['', '', '']);
  });
});

interface Updates {
  readonly rows: ReadonlySet<string>;
  readonly last: Update | undefined;
  readonly detail: Update['detail'];
}

/** Reads a stream until the test ends. */
function openUpdates(url: string, name?: string): Updates {
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const rows = new Set<string>();
  const found: { -readonly [K in keyof Updates]: Updates[K] } = { rows, last: undefined, detail: undefined };
  const read = async (): Promise<void> => {
    const query = name === undefined ? '' : `?name=${encodeURIComponent(name).replaceAll('%2F', '/')}`;
    const { body } = await fetch(`${url}/api/events${query}`, { signal: ending.signal });
    let text = '';
    for await (const chunk of (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split('\n');
      text = lines.pop() as string;
      for (const line of lines.filter((one) => one.startsWith('data: '))) {
        found.last = JSON.parse(line.slice(6)) as Update;
        for (const row of found.last.rows) rows.add(row.name);
        if (found.last.detail !== undefined) found.detail = found.last.detail;
      }
    }
  };
  read().catch(() => undefined);
  return found;
}
