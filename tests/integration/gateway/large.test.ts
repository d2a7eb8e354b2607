// Large bodies are streamed: the gateway holds a few pieces of them, whoever is slow.
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { get, openGateway, openOrigin } from './harness.js';
import { eventually } from '../../eventually.js';

const PIECE = Buffer.alloc(1 << 20, 'x');

/** Sends MiB after MiB, as fast as they are taken; counts them in `sent`. */
function upload(url: string, pieces: number, sent: { count: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      { method: 'POST', headers: { 'content-length': pieces * PIECE.length } },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      },
    ).on('error', reject);
    const more = (): void => {
      while (sent.count < pieces) {
        sent.count++;
        if (!request.write(PIECE)) {
          request.once('drain', more);
          return;
        }
      }
      request.end();
    };
    more();
  });
}

describe('a body of many MiB', () => {
  it('goes through with flat memory', async () => {
    let received = 0;
    const node = await openOrigin((request, response) => {
      request.on('data', (bytes: Buffer) => (received += bytes.length)).on('end', () => response.end('ok'));
    });
    const { url } = await openGateway({ nodes: [node] });
    await upload(url, 20, { count: 0 });
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10);
    received = 0;
    expect(await upload(url, 400, { count: 0 })).toBe(200);
    clearInterval(watch);
    expect(received).toBe(400 * PIECE.length);
    expect((most - before) / PIECE.length).toBeLessThan(150);
  });

  it('waits for a node that takes it slowly', async () => {
    let take: () => void = () => undefined;
    const node = await openOrigin((request, response) => {
      request.pause().on('end', () => response.end('ok'));
      take = () => request.resume();
    });
    const { url } = await openGateway({ nodes: [node] });
    const sent = { count: 0 };
    const done = upload(url, 100, sent);
    const standsStill = async (): Promise<boolean> => {
      const before = sent.count;
      await sleep(200);
      return sent.count === before;
    };
    await eventually('the upload stands still', standsStill, 30_000);
    expect(sent.count).toBeLessThan(40);
    take();
    expect(await done).toBe(200);
  });

  it('as an answer goes through whole', async () => {
    const node = await openOrigin((_, response) => {
      for (let n = 0; n < 50; n++) response.write(PIECE);
      response.end();
    });
    const { url } = await openGateway({ nodes: [node] });
    const answers = await Promise.all([get(url), get(url), get(url)]);
    for (const { text } of answers) expect(text.length).toBe(50 * PIECE.length);
  });
});
