// Requests that mirror/ carries out. A mirror of the test stands in for it: here it is about bodies, answers and the way
// to the cluster.
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ClientRequest } from '../../../src/writers/mirror/request/clientRequest.js';
import { NotSentError, UnansweredError } from '../../../src/writers/mirror/request/upstream.js';
import { engineName } from '../engine.js';
import {
  countOf,
  get,
  type MirrorPart,
  openGateway,
  openOrigin,
  openRawOrigin,
  RawClient,
} from './harness.js';

/** Everything but what reads is performed: by sending it on. */
function sendingOn(seen: ClientRequest[] = []): MirrorPart {
  return {
    decide: (method) => (method === 'GET' ? { type: 'pass' } : { type: 'waitForSwitch', names: [] }),
    perform: async (_, request, upstream) => {
      seen.push(request);
      const { method, url, headers, body } = request;
      return upstream.send({ method, path: url, headers, body });
    },
  };
}

/** A node that says what it was sent. */
const openEcho = () =>
  openOrigin(async (request, response) => {
    const body = Buffer.concat((await request.toArray()) as Buffer[]);
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ headers: request.headers, length: body.length, body: body.toString().slice(0, 100) }),
    );
  });

describe('a request that mirror/ carries out', () => {
  it('is given whole, unpacked, with its headers', async () => {
    const seen: ClientRequest[] = [];
    const node = await openEcho();
    const { url } = await openGateway({ nodes: [node], mirror: sendingOn(seen) });
    const answer = await get(`${url}/a/_doc/1?routing=x`, {
      method: 'PUT',
      headers: { 'content-encoding': 'gzip', 'x-twindex-version': '2', authorization: 'ApiKey mine' },
      body: gzipSync('{"a":1}'),
    });
    expect(seen[0]).toMatchObject({
      method: 'PUT',
      url: '/a/_doc/1?routing=x',
      body: Buffer.from('{"a":1}'),
      headers: { 'x-twindex-version': '2', authorization: 'ApiKey mine', 'x-forwarded-for': '127.0.0.1' },
    });
    expect(seen[0]?.headers['content-encoding']).toBeUndefined();
    const sent = JSON.parse(answer.text) as { headers: Record<string, string>; body: string };
    expect(sent.body).toBe('{"a":1}');
    expect(sent.headers).toMatchObject({
      authorization: 'ApiKey mine',
      'content-length': '7',
      'x-forwarded-for': '127.0.0.1',
      host: new URL(node).host,
    });
    expect(sent.headers['x-twindex-version']).toBeUndefined();
  });

  it('may be large, in chunks, and without a body', async () => {
    const { url } = await openGateway({ nodes: [await openEcho()], mirror: sendingOn() });
    const large = await get(`${url}/_bulk`, { method: 'POST', body: Buffer.alloc(30_000_000, 'x') });
    expect(JSON.parse(large.text)).toMatchObject({ length: 30_000_000 });
    expect(JSON.parse((await get(`${url}/a/_doc/1`, { method: 'DELETE' })).text)).toMatchObject({
      length: 0,
    });
    const client = RawClient.open(url);
    client.send('PUT /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n');
    await sleep(20);
    client.send('2\r\nde\r\n0\r\n\r\n');
    await client.until((text) => text.includes('"body":"abcde"'));
  });

  it('that waits for 100 Continue gets it', async () => {
    const { url } = await openGateway({ nodes: [await openEcho()], mirror: sendingOn() });
    const client = RawClient.open(url);
    client.send('PUT /a HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n');
    await client.until((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
    client.send('abc');
    await client.until((text) => text.includes('"body":"abc"'));
  });

  it('is answered packed where that was asked for and is worth it', async () => {
    const long = JSON.stringify({ text: 'long '.repeat(1_000) });
    const { url } = await openGateway({
      mirror: {
        decide: () => ({ type: 'waitForSwitch', names: [] }),
        perform: async (_, request) => ({
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: Buffer.from(request.url === '/long' ? long : '{}'),
        }),
      },
    });
    const ask = (path: string, accepted: string) =>
      new Promise<{ encoding: string | undefined; body: Buffer }>((resolve, reject) => {
        httpRequest(
          url + path,
          { method: 'POST', headers: { 'accept-encoding': accepted } },
          async (response) =>
            resolve({
              encoding: response.headers['content-encoding'],
              body: Buffer.concat((await response.toArray()) as Buffer[]),
            }),
        )
          .on('error', reject)
          .end();
      });
    const packed = await ask('/long', 'deflate, gzip;q=0.8');
    expect(packed.encoding).toBe('gzip');
    expect(gunzipSync(packed.body).toString()).toBe(long);
    expect((await ask('/long', 'gzip;q=0')).encoding).toBeUndefined();
    expect((await ask('/long', 'br')).body.toString()).toBe(long);
    expect((await ask('/short', 'gzip')).encoding).toBeUndefined();
  });

  it('is answered in its turn, when it was sent ahead', async () => {
    const { url } = await openGateway({ nodes: [await openEcho()], mirror: sendingOn() });
    const client = RawClient.open(url);
    const bodies = Array.from({ length: 10 }, (_, n) => `body${n}`);
    client.send(
      bodies.map((body) => `PUT /a HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n${body}`).join(''),
    );
    const received = await client.until((text) => countOf(text, '"body"') === bodies.length);
    expect([...received.matchAll(/"body":"(\w+)"/g)].map(([, body]) => body)).toEqual(bodies);
  });

  const refused: Record<string, readonly [number, RequestInit]> = {
    'that is too large': [413, { body: 'x'.repeat(2_000) }],
    'that unpacks to too much': [
      413,
      { body: gzipSync('x'.repeat(100_000)), headers: { 'content-encoding': 'gzip' } },
    ],
    'that is not what it says': [400, { body: 'plain', headers: { 'content-encoding': 'gzip' } }],
    'that is packed in an unknown way': [
      415,
      { body: brotliCompressSync('x'), headers: { 'content-encoding': 'br' } },
    ],
  };
  for (const [what, [status, init]] of Object.entries(refused)) {
    it(`is refused with a body ${what}`, async () => {
      const seen: ClientRequest[] = [];
      const { url } = await openGateway({ mirror: sendingOn(seen), maxBody: 1_000 });
      const answer = await get(`${url}/_bulk`, { method: 'POST', ...init });
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.text)).toMatchObject({ status, error: { root_cause: [{}] } });
      expect(answer.headers.get('x-elastic-product')).toBe(
        engineName === 'elasticsearch' ? 'Elasticsearch' : null,
      );
      expect(seen).toEqual([]);
      expect((await get(`${url}/_bulk`, { method: 'POST', body: 'x' })).status).not.toBe(status);
    });
  }

  it('is refused before its body is sent, when that is announced too large', async () => {
    const { url } = await openGateway({ mirror: sendingOn(), maxBody: 1_000 });
    const client = RawClient.open(url);
    client.send('POST /_bulk HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5000\r\n\r\n');
    expect(await client.untilClosed()).toMatch(/^HTTP\/1.1 413 /);
  });

  it('is refused while others hold too much', async () => {
    const { url } = await openGateway({ nodes: [await openEcho()], mirror: sendingOn(), maxHeld: 100_000 });
    const client = RawClient.open(url);
    client.send(`POST /_bulk HTTP/1.1\r\nhost: a\r\ncontent-length: 90000\r\n\r\n${'x'.repeat(80_000)}`);
    await sleep(50);
    const { status } = await get(`${url}/_bulk`, { method: 'POST', body: 'x'.repeat(50_000) });
    expect(status).toBe(429);
    client.send('x'.repeat(10_000));
    await client.until((text) => text.includes('"length":90000'));
    expect((await get(`${url}/_bulk`, { method: 'POST', body: 'x'.repeat(50_000) })).status).toBe(200);
  });

  it('is finished when its client goes away, also by a gateway that is stopped meanwhile', async () => {
    const finished: boolean[] = [];
    const gateway = await openGateway({
      mirror: {
        decide: () => ({ type: 'waitForSwitch', names: [] }),
        perform: async () => {
          await sleep(300);
          finished.push(true);
          return { status: 200, headers: {}, body: Buffer.from('{}') };
        },
      },
    });
    const client = RawClient.open(gateway.url);
    client.send('PUT /a HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}');
    await sleep(50);
    client.socket.destroy();
    await sleep(50);
    await gateway.stop();
    expect(finished).toEqual([true]);
  });

  it('is never begun when its client goes away before the body is whole', async () => {
    const seen: ClientRequest[] = [];
    const { url } = await openGateway({ nodes: [await openEcho()], mirror: sendingOn(seen) });
    const client = RawClient.open(url);
    client.send('PUT /a HTTP/1.1\r\nhost: a\r\ncontent-length: 20\r\n\r\n{}');
    await sleep(50);
    client.socket.destroy();
    await sleep(50);
    expect(seen).toEqual([]);
  });

  it('that fails in the gateway is answered, and told of without credentials', async () => {
    const troubles: string[] = [];
    const { url } = await openGateway({
      mirror: {
        decide: () => ({ type: 'waitForSwitch', names: [] }),
        perform: () => Promise.reject(new Error('no way to http://user:secret@node:9200')),
      },
      onWarning: (text) => troubles.push(text),
    });
    expect((await get(url, { method: 'POST', headers: { authorization: 'Basic c2VjcmV0' } })).status).toBe(
      500,
    );
    expect(troubles).toHaveLength(1);
    expect(troubles.join()).not.toMatch(/secret|c2VjcmV0/);
  });

  it('that is to be answered with a header that holds a line break is not answered at all', async () => {
    const troubles: string[] = [];
    const reply = { status: 200, headers: { location: '/a\r\nset-cookie: x' }, body: Buffer.from('{}') };
    const { url } = await openGateway({
      mirror: {
        decide: (method) =>
          method === 'PUT' ? { type: 'refuse', reply } : { type: 'waitForSwitch', names: [] },
        perform: async () => reply,
      },
      onWarning: (text) => troubles.push(text),
    });
    for (const method of ['PUT', 'POST']) await expect(get(url, { method, body: 'x' })).rejects.toThrow();
    expect(troubles).toHaveLength(2);
    expect((await get(`${url}/-/health`)).status).toBe(200);
  });

  it('that can’t be understood is refused', async () => {
    const { url } = await openGateway({
      mirror: {
        decide: () => {
          throw new Error('what is this?');
        },
      },
    });
    expect((await get(url, { method: 'POST', body: 'x' })).status).toBe(400);
  });

  it('that is refused at once leaves the connection as it was', async () => {
    const reply = {
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('{"no":1}'),
    };
    const { url } = await openGateway({
      mirror: { decide: (method) => (method === 'GET' ? { type: 'pass' } : { type: 'refuse', reply }) },
      nodes: [await openEcho()],
    });
    const client = RawClient.open(url);
    client.send('PUT /a/_mapping HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab');
    await sleep(20);
    client.send('cdeGET / HTTP/1.1\r\nhost: a\r\n\r\n');
    const received = await client.until((text) => text.includes('"length":0'));
    expect(received).toMatch(/^HTTP\/1.1 400 [\s\S]*"no":1[\s\S]*HTTP\/1.1 200 /);
  });
});

describe('what mirror/ sends for a client', () => {
  /** What `send` comes to. */
  async function outcome(
    nodes: readonly string[],
    body: Buffer | readonly Buffer[] = Buffer.from('{}'),
    times = {},
  ) {
    let found: unknown;
    const { url } = await openGateway({
      nodes,
      times,
      mirror: {
        decide: () => ({ type: 'waitForSwitch', names: [] }),
        perform: async (_, request, upstream) => {
          const { method, url: path, headers } = request;
          found = await upstream.send({ method, path, headers, body }).catch((error: unknown) => error);
          return { status: 200, headers: {}, body: Buffer.from('{}') };
        },
      },
    });
    await get(`${url}/a`, { method: 'POST', headers: { 'accept-encoding': 'gzip' } });
    return found;
  }

  it('goes in pieces, and its answer comes decoded', async () => {
    const pieces = Array.from({ length: 50 }, (_, n) => Buffer.alloc(200_000, String(n % 10)));
    expect(await outcome([await openEcho()], pieces)).toMatchObject({ status: 200 });
    const packed = await openOrigin((request, response) => {
      request.resume();
      response.setHeader('content-encoding', 'gzip').end(gzipSync('{"a":1}'));
    });
    expect(await outcome([packed])).toMatchObject({ status: 200, body: Buffer.from('{"a":1}') });
  });

  it('is known not to have been sent when no node can be connected to', async () => {
    expect(await outcome(['http://127.0.0.1:1'])).toBeInstanceOf(NotSentError);
  });

  it('has an unknown outcome when the answer does not come, or not whole', async () => {
    const texts = [
      '',
      'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab',
    ];
    for (const text of texts) {
      const node = await openRawOrigin((socket) => socket.on('data', () => socket.end(text)));
      expect(await outcome([node])).toBeInstanceOf(UnansweredError);
    }
    const silent = await openRawOrigin(() => undefined);
    expect(await outcome([silent], undefined, { answer: { write: 100 } })).toBeInstanceOf(UnansweredError);
  });

  it('can’t be made to smuggle a second request', async () => {
    let failed = '';
    const { url } = await openGateway({
      nodes: [await openEcho()],
      mirror: {
        decide: () => ({ type: 'waitForSwitch', names: [] }),
        perform: async (_, __, upstream) => {
          for (const path of ['/a HTTP/1.1\r\nx: y', '/a b', 'a'])
            await upstream
              .send({ method: 'GET', path, headers: {}, body: undefined })
              .catch(() => (failed += 'p'));
          for (const value of ['a\r\nb: c', '\0'])
            await upstream
              .send({ method: 'GET', path: '/', headers: { x: value }, body: undefined })
              .catch(() => (failed += 'h'));
          return { status: 200, headers: {}, body: Buffer.from('{}') };
        },
      },
    });
    await get(url, { method: 'POST' });
    expect(failed).toBe('ppphh');
  });
});
