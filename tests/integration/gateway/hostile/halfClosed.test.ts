// Clients that end their side of the connection when they have sent what they have to say, as netcat does.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { countOf, openGateway, openOrigin, RawClient } from '../harness.js';

const SEARCH = 'POST /a/_search HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}';
const WRITE = 'PUT /a/_doc/1 HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}';

/** A node that answers after a while; `/slow` only when it is told to. */
async function openNode() {
  const seen: string[] = [];
  const left: string[] = [];
  const waiting: (() => void)[] = [];
  const node = await openOrigin((request, response) => {
    const url = request.url ?? '';
    request.resume();
    seen.push(url);
    response.on('close', () => {
      if (!response.writableFinished) left.push(url);
    });
    const answer = (): void => void response.end(`answer to ${url}`);
    if (url.startsWith('/slow')) waiting.push(answer);
    else setTimeout(answer, 100);
  });
  const answerAll = (): void => waiting.splice(0).forEach((answer) => answer());
  return { node, seen, left, answerAll };
}

describe('a client that ends its side after the request', () => {
  for (const [what, text, path] of [
    ['a search', SEARCH, '/a/_search'],
    ['a write', WRITE, '/a/_doc/1'],
    ['a read', 'GET /a HTTP/1.1\r\nhost: a\r\n\r\n', '/a'],
    ['HTTP/1.0', 'GET /a HTTP/1.0\r\n\r\n', '/a'],
  ] as const)
    it(`gets the answer: ${what}`, async () => {
      const { node } = await openNode();
      const { url } = await openGateway({ nodes: [node] });
      const client = RawClient.open(url);
      client.send(text);
      client.socket.end();
      const received = await client.untilClosed();
      expect(received).toMatch(/^HTTP\/1.1 200 /);
      expect(received).toContain(`answer to ${path}`);
    });

  it('gets all answers to what it has sent ahead, in order', async () => {
    const { node } = await openNode();
    const { url } = await openGateway({ nodes: [node] });
    const client = RawClient.open(url);
    const paths = Array.from({ length: 5 }, (_, n) => `/a/_doc/${n}`);
    client.send(paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`).join(''));
    client.socket.end();
    const received = await client.untilClosed();
    expect([...received.matchAll(/answer to (\S+?)(?=HTTP|$)/g)].map(([, path]) => path)).toEqual(paths);
  });

  it('gets the gateway’s own answers, one after the other', async () => {
    const { url } = await openGateway();
    const client = RawClient.open(url);
    client.send('GET /-/health HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(3));
    client.socket.end();
    expect(countOf(await client.untilClosed(), '"status":"ok"')).toBe(3);
  });

  it('gets the answer of a request that mirror/ carries out', async () => {
    const { url } = await openGateway({
      mirror: {
        decide: () => ({ type: 'waitForSwitch', names: [] }),
        perform: async (_, { body }) => {
          await sleep(200);
          return { status: 201, headers: {}, body: Buffer.from(`done ${String(body)}`) };
        },
      },
    });
    const client = RawClient.open(url);
    client.send(WRITE);
    client.socket.end();
    expect(await client.untilClosed()).toMatch(/^HTTP\/1.1 201 [\s\S]*done \{\}$/);
  });

  it('gets an answer that takes long, behind interim ones', async () => {
    const { node, seen, answerAll } = await openNode();
    const { url } = await openGateway({ nodes: [node] });
    const client = RawClient.open(url);
    client.send('GET /slow HTTP/1.1\r\nhost: a\r\n\r\n');
    client.socket.end();
    await client.until((text) => countOf(text, 'HTTP/1.1 100 Continue\r\n\r\n') === 2);
    expect(seen).toEqual(['/slow']);
    answerAll();
    const received = await client.untilClosed();
    expect(received.replaceAll('HTTP/1.1 100 Continue\r\n\r\n', '')).toMatch(
      /^HTTP\/1.1 200 [\s\S]*answer to \/slow$/,
    );
  });

  it('gets an answer whole that is larger than what fits on the way', async () => {
    const large = 'x'.repeat(20_000_000);
    const { url } = await openGateway({
      mirror: {
        decide: () => ({ type: 'waitForSwitch', names: [] }),
        perform: () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from(large) }),
      },
      times: { lingerMs: 300 },
    });
    const client = RawClient.open(url);
    client.send(WRITE);
    client.socket.end();
    client.socket.pause();
    await sleep(100);
    client.socket.resume();
    const received = await client.untilClosed();
    expect(received.length - received.indexOf('\r\n\r\n') - 4).toBe(large.length);
  });
});

describe('a client that ends its side within the request', () => {
  it('takes a body back that is not whole', async () => {
    const { node, left } = await openNode();
    const { url } = await openGateway({ nodes: [node] });
    const client = RawClient.open(url);
    client.send('POST /a/_bulk HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{}');
    client.socket.end();
    expect(await client.untilClosed()).toBe('');
    await expect.poll(() => left, { timeout: 30_000 }).not.toBe(undefined);
  });

  it('gets the answers to what came whole before a head that did not', async () => {
    const { node } = await openNode();
    const { url } = await openGateway({ nodes: [node] });
    const client = RawClient.open(url);
    client.send('GET /a HTTP/1.1\r\nhost: a\r\n\r\nGET /b HTT');
    client.socket.end();
    const received = await client.untilClosed();
    expect(received).toContain('answer to /a');
    expect(countOf(received, 'HTTP/1.1 ')).toBe(1);
  });
});

describe('a client that is gone', () => {
  it('is noticed though it looks the same at first, and the node stops its search', async () => {
    const { node, seen, left } = await openNode();
    const { url } = await openGateway({ nodes: [node] });
    const client = RawClient.open(url);
    client.send('GET /slow HTTP/1.1\r\nhost: a\r\n\r\n');
    await expect.poll(() => seen, { timeout: 30_000 }).toEqual(['/slow']);
    client.socket.destroy();
    await expect.poll(() => left, { timeout: 60_000 }).toEqual(['/slow']);
  });
});
