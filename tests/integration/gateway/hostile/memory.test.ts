// Clients that hold memory, or would hold up all others: whatever they announce, small requests go on.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { get, openGateway, RawClient } from '../harness.js';

const MB = 1 << 20;

/** Carries everything out itself, and says how much it was given. */
const mirror = {
  decide: () => ({ type: 'waitForSwitch', names: [] }) as const,
  perform: (_: unknown, { body }: { readonly body: Buffer | undefined }) =>
    Promise.resolve({ status: 200, headers: {}, body: Buffer.from(`${body?.length} bytes`) }),
};

const bulkHead = (length: number): string =>
  `POST /_bulk HTTP/1.1\r\nhost: a\r\ncontent-length: ${length}\r\n\r\n`;
const put = (url: string, bytes: number) =>
  get(`${url}/a/_doc/1`, { method: 'PUT', body: 'x'.repeat(bytes) });

describe('bodies that are announced and do not come', () => {
  it('hold what has arrived, and nothing more', async () => {
    const { url } = await openGateway({ mirror, maxHeld: 64 * MB });
    const clients = Array.from({ length: 17 }, () => RawClient.open(url));
    for (const client of clients)
      client.send(Buffer.concat([Buffer.from(bulkHead(200 * MB)), Buffer.alloc(2 * MB)]));
    await sleep(500);
    // large ones, too: what was announced is not there
    for (const bytes of [100, 1_000_000, 8 * MB]) expect((await put(url, bytes)).status).toBe(200);
    expect(clients.map(({ received }) => received)).toEqual(clients.map(() => ''));
  });

  it('are the first to go when there is no room, and small requests never notice', async () => {
    const { url } = await openGateway({ mirror, maxHeld: 32 * MB });
    const slow = Array.from({ length: 40 }, () => RawClient.open(url));
    for (const client of slow)
      client.send(Buffer.concat([Buffer.from(bulkHead(200 * MB)), Buffer.alloc(3 * MB)]));
    await expect
      .poll(() => slow.filter(({ received }) => received.startsWith('HTTP/1.1 429 ')).length, {
        timeout: 60_000,
      })
      .toBeGreaterThan(20);
    expect(await Promise.all(Array.from({ length: 50 }, () => put(url, 10_000)))).toEqual(
      Array.from({ length: 50 }, () => expect.objectContaining({ status: 200, text: '10000 bytes' })),
    );
    // one that comes at once takes the place of those that do not go on
    expect(await put(url, 16 * MB)).toMatchObject({ status: 200, text: `${16 * MB} bytes` });
  });

  it('are told that nothing was done, and when to come again, and their connections are closed', async () => {
    const { url } = await openGateway({ mirror, maxHeld: 4 * MB });
    const client = RawClient.open(url);
    client.send(Buffer.concat([Buffer.from(bulkHead(200 * MB)), Buffer.alloc(6 * MB)]));
    const received = await client.untilClosed();
    expect(received).toMatch(
      /^HTTP\/1.1 429 [\s\S]*connection: close\r\n[\s\S]*send the request again later/,
    );
  });

  it('in many small pieces hold no more than what they have', async () => {
    const { url } = await openGateway({ mirror, maxHeld: 4 * MB });
    const client = RawClient.open(url);
    client.send(bulkHead(300));
    for (let n = 0; n < 300; n++) {
      client.send('x');
      if (n % 50 === 0) await sleep(5);
    }
    expect(await client.until((text) => text.includes('300 bytes'))).toMatch(/^HTTP\/1.1 200 /);
    expect((await put(url, 3 * MB)).status).toBe(200);
  });

  it('that unpack to very much are given up like others', async () => {
    const { url } = await openGateway({ mirror, maxHeld: 8 * MB, maxBody: 100 * MB });
    const bomb = gzipSync(Buffer.alloc(90 * MB));
    const { status } = await get(`${url}/_bulk`, {
      method: 'POST',
      body: bomb,
      headers: { 'content-encoding': 'gzip' },
    });
    expect(status).toBe(429);
    expect((await put(url, 3 * MB)).status).toBe(200);
  });

  it('give back what they held when their clients go away', async () => {
    const { url } = await openGateway({ mirror, maxHeld: 8 * MB });
    for (let n = 0; n < 10; n++) {
      const client = RawClient.open(url);
      client.send(Buffer.concat([Buffer.from(bulkHead(7 * MB)), Buffer.alloc(6 * MB)]));
      await sleep(20);
      client.socket.destroy();
    }
    await expect.poll(async () => (await put(url, 7 * MB)).status, { timeout: 30_000 }).toBe(200);
  });
});
