// Nodes that take a request and never answer: each kind of request has a time of its own, and what is under way in good order
// is not cut off.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { get, openGateway, openRawOrigin, RawClient } from '../harness.js';

const silent = () => openRawOrigin(() => undefined);
const NEVER = 600_000;
/** More than the sockets on the way hold. */
const BYTES = 24_000_000;

const post = (url: string, path: string, body = '{}') =>
  get(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

describe('a request that is never answered', () => {
  for (const [what, kind, ask] of [
    ['a search', 'read', (url: string) => post(url, '/a/_search')],
    ['a read', 'read', (url: string) => get(`${url}/a/_doc/1`)],
    ['a bulk', 'write', (url: string) => post(url, '/_bulk')],
    [
      'a change of settings',
      'write',
      (url: string) => get(`${url}/a/_settings`, { method: 'PUT', body: '{}' }),
    ],
    ['a merge of segments', 'long', (url: string) => post(url, '/a/_forcemerge')],
    [
      'a reindex that is waited for',
      'long',
      (url: string) => post(url, '/_reindex?wait_for_completion=true'),
    ],
  ] as const)
    it(`is given up after the time for its kind: ${what}`, async () => {
      const times = { read: NEVER, write: NEVER, long: NEVER, [kind]: 200 };
      const { url } = await openGateway({ nodes: [await silent()], times: { answer: times } });
      const { status, text } = await ask(url);
      expect(status).toBe(504);
      expect(text).toContain('whether the request was carried out is not known');
    });

  it('does not keep the next one of another client from its answer', async () => {
    let requests = 0;
    const node = await openRawOrigin((socket) =>
      socket.on('data', () => {
        if (++requests > 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      }),
    );
    const { url } = await openGateway({ nodes: [node], times: { answer: { write: 200 } } });
    expect((await post(url, '/a/_doc/1')).status).toBe(504);
    expect((await post(url, '/a/_doc/2')).status).toBe(200);
  });

  it('is not given up before the time that it names itself', async () => {
    const node = await openRawOrigin((socket) =>
      socket.on('data', () => {
        setTimeout(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'), 1_000).unref();
      }),
    );
    const { url } = await openGateway({ nodes: [node], times: { answer: { read: 100 } } });
    expect((await get(`${url}/_cluster/health?wait_for_status=green&timeout=10s`)).status).toBe(200);
  });
});

describe('a request that goes on', () => {
  it('is not given up while its node takes it slowly, however long that lasts', async () => {
    const node = await openRawOrigin((socket) => {
      let taken = 0;
      socket.on('data', (bytes: Buffer) => {
        taken += bytes.length;
        socket.pause();
        setTimeout(() => socket.resume(), 20).unref();
        if (taken >= BYTES) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      });
    });
    const { url } = await openGateway({
      nodes: [node],
      times: { answer: { write: 5_000 } },
      mirror: {
        decide: () => ({ type: 'waitForSwitch', names: [] }),
        perform: (_, { method, url: path, headers, body }, upstream) =>
          upstream.send({ method, path, headers, body }),
      },
    });
    expect((await post(url, '/_bulk', 'x'.repeat(BYTES))).status).toBe(200);
  });

  it('is not given up while its answer comes in pieces', async () => {
    const node = await openRawOrigin((socket) =>
      socket.once('data', async () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n');
        for (let n = 0; n < 10; n++) {
          await sleep(200);
          socket.write(String(n));
        }
      }),
    );
    const { url } = await openGateway({ nodes: [node], times: { answer: { read: 1_500 } } });
    const client = RawClient.open(url);
    client.send('GET /a HTTP/1.1\r\nhost: a\r\n\r\n');
    expect(await client.until((text) => text.endsWith('0123456789'))).toMatch(/^HTTP\/1.1 200 /);
  });
});
