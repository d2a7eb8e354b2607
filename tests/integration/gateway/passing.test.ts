// What needs no look is handed on: the engine behind the gateway answers as if there were none.
import { request as httpRequest } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { startFront } from '../../front.js';
import { engineUrls, testCluster, uniqueName } from '../engine.js';
import { countOf, get, openGateway, openOrigin, RawClient } from './harness.js';

const direct = engineUrls[0] as string;
const index = uniqueName('gw-pass');
const json = { 'content-type': 'application/json' };

beforeAll(async () => {
  const { connection } = await testCluster();
  await connection.json({
    method: 'PUT',
    path: `/${index}`,
    body: { settings: { number_of_shards: 1, number_of_replicas: 0 } },
  });
});

describe('a request that is handed on', () => {
  it('gets the engine’s answer, with its headers', async () => {
    const { url } = await openGateway();
    const put = await get(`${url}/${index}/_doc/1?refresh=true`, {
      method: 'PUT',
      headers: json,
      body: '{"a":1}',
    });
    expect(put.status).toBe(201);
    for (const path of [
      `/${index}/_doc/1`,
      `/${index}/_doc/none`,
      '/',
      '/_cat/count?v',
      `/${index}/_search?x=1`,
    ]) {
      const [here, there] = await Promise.all([get(url + path), get(direct + path)]);
      expect(here.status, path).toBe(there.status);
      expect([...here.headers.keys()], path).toEqual([...there.headers.keys()]);
      expect(here.text.replace(/"took":\d+|\d{10}.*/g, ''), path).toBe(
        there.text.replace(/"took":\d+|\d{10}.*/g, ''),
      );
    }
  });

  it('may be a HEAD, whose answer has a length and no body', async () => {
    const { url } = await openGateway();
    const client = RawClient.open(url);
    const one = `HEAD /${index}/_doc/1 HTTP/1.1\r\nhost: a\r\n\r\n`;
    client.send(`${one}${one}`);
    const received = await client.until((text) => countOf(text, '\r\n\r\n') === 2);
    expect(countOf(received, 'HTTP/1.1 200 OK')).toBe(2);
    expect(received).toMatch(/content-length: [1-9]/i);
    expect(received.endsWith('\r\n\r\n')).toBe(true);
  });

  it('may be in chunks', async () => {
    const { url } = await openGateway();
    const client = RawClient.open(url);
    client.send(`PUT /${index}/_doc/chunks HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n`);
    client.send('transfer-encoding: chunked\r\n\r\n3;x=y\r\n{"a\r\n4\r\n":1}\r\n0\r\nx-trailer: 1\r\n\r\n');
    await client.until((text) => text.includes('"result":"created"'));
    expect((await get(`${direct}/${index}/_source/chunks`)).text).toBe('{"a":1}');
  });

  it('may be in chunks of which there are none, before there is a connection to the node', async () => {
    const { url } = await openGateway();
    const client = RawClient.open(url);
    client.send(`POST /${index}/_refresh HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`);
    await client.until((text) => text.includes('"_shards"'));
  });

  it('may be packed, and may ask for a packed answer', async () => {
    const { url } = await openGateway();
    const lines = Array.from({ length: 200 }, (_, n) => `{"index":{"_id":"z${n}"}}\n{"n":${n}}\n`).join('');
    const packed = await new Promise<{ encoding: string | undefined; body: Buffer }>((resolve, reject) => {
      httpRequest(
        `${url}/${index}/_bulk`,
        {
          method: 'POST',
          headers: {
            'content-type': 'application/x-ndjson',
            'content-encoding': 'gzip',
            'accept-encoding': 'gzip',
          },
        },
        async (response) => {
          const body = Buffer.concat((await response.toArray()) as Buffer[]);
          resolve({ encoding: response.headers['content-encoding'], body });
        },
      )
        .on('error', reject)
        .end(gzipSync(lines));
    });
    expect(packed.encoding).toBe('gzip');
    const answer = JSON.parse(gunzipSync(packed.body).toString()) as { errors: boolean; items: unknown[] };
    expect(answer.errors).toBe(false);
    expect(answer.items).toHaveLength(200);
  });

  it('may wait for 100 Continue before it sends its body', async () => {
    const { url } = await openGateway();
    const client = RawClient.open(url);
    client.send(
      `PUT /${index}/_doc/100 HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: 7\r\n\r\n`,
    );
    await client.until((text) => text.startsWith('HTTP/1.1 100 Continue\r\n'));
    client.send('{"a":1}');
    await client.until((text) => text.includes('"result":"created"'));
  });

  it('may be HTTP/1.0, with and without keeping the connection', async () => {
    const { url } = await openGateway();
    const once = RawClient.open(url);
    once.send(`GET /${index}/_doc/1 HTTP/1.0\r\n\r\n`);
    expect(await once.untilClosed()).toMatch(/connection: close[\s\S]*"found":true/);
    const kept = RawClient.open(url);
    kept.send(`GET /${index}/_doc/1 HTTP/1.0\r\nconnection: keep-alive\r\n\r\n`);
    expect(await kept.until((text) => text.includes('"found":true'))).toContain('connection: keep-alive');
    kept.send(`GET /${index}/_doc/1 HTTP/1.0\r\n\r\n`);
    expect(countOf(await kept.untilClosed(), '"found":true')).toBe(2);
  });

  it('may be sent ahead of the answers, which come in its order', async () => {
    const { url } = await openGateway();
    const client = RawClient.open(url);
    const ids = Array.from({ length: 30 }, (_, n) => `ahead${n}`);
    client.send(
      ids
        .map(
          (id) =>
            `PUT /${index}/_doc/${id} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n{"a":1}`,
        )
        .join(''),
    );
    const received = await client.until((text) => countOf(text, '"_id"') === ids.length);
    expect([...received.matchAll(/"_id":"(\w+)"/g)].map(([, id]) => id)).toEqual(ids);
  });

  it('comes with the client’s own authorization, or without any', async () => {
    const front = await startFront({ upstream: direct, auth: 'ApiKey mine' });
    const { url } = await openGateway({
      nodes: [front.url],
      clusterOptions: { auth: { username: 'gateway', password: 'secret' } },
    });
    expect((await get(`${url}/_cluster/health`)).status).toBe(401);
    const headers = { authorization: 'ApiKey mine' };
    expect((await get(`${url}/_cluster/health`, { headers })).status).toBe(200);
    await front.close();
  });

  it('says where it comes from, and keeps what is not about its hop', async () => {
    const seen: NodeJS.Dict<string | string[]>[] = [];
    const origin = await openOrigin((request, response) => {
      seen.push(request.headers);
      response.setHeader('keep-alive', 'timeout=7').end('{}');
    });
    const { url } = await openGateway({ nodes: [`${origin}/prefix`] });
    const client = RawClient.open(url);
    client.send(
      'GET / HTTP/1.1\r\nhost: search.example\r\nx-opaque-id: 7\r\nx-forwarded-for: 10.0.0.1\r\n' +
        'connection: keep-alive, x-mine\r\nx-mine: 1\r\nproxy-authorization: secret\r\nupgrade: h2c\r\n\r\n',
    );
    const received = await client.until((text) => text.endsWith('{}'));
    expect(received.toLowerCase()).not.toContain('timeout=7');
    expect(seen[0]).toMatchObject({
      'x-opaque-id': '7',
      'x-forwarded-for': '10.0.0.1, 127.0.0.1',
      'x-forwarded-host': 'search.example',
      'x-forwarded-proto': 'http',
      host: new URL(origin).host,
    });
    for (const name of ['x-mine', 'proxy-authorization', 'upgrade', 'keep-alive'])
      expect(seen[0]).not.toHaveProperty(name);
  });

  it('may be answered without a length: the answer ends with the connection', async () => {
    const origin = await openOrigin((_, response) => {
      response.useChunkedEncodingByDefault = false;
      response.removeHeader('connection');
      response.write('first ');
      setTimeout(() => response.end('last'), 20);
    });
    const { url } = await openGateway({ nodes: [origin] });
    const { text } = await get(url);
    expect(text).toBe('first last');
  });

  it('may be answered in chunks, also to a client that knows none', async () => {
    const origin = await openOrigin((_, response) => {
      response.write('first ');
      setTimeout(() => response.end('last'), 20);
    });
    const { url } = await openGateway({ nodes: [origin] });
    expect((await get(url)).text).toBe('first last');
    const old = RawClient.open(url);
    old.send('GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n');
    const received = await old.untilClosed();
    expect(received).not.toMatch(/transfer-encoding/i);
    expect(received.endsWith('\r\n\r\nfirst last')).toBe(true);
  });
});

describe('the gateway’s own paths', () => {
  it('tell whether it lives, whether it takes writes, and what it has counted', async () => {
    const { url } = await openGateway();
    expect((await get(`${url}/-/health`)).status).toBe(200);
    expect((await get(`${url}/-/ready`)).status).toBe(200);
    await get(`${url}/${index}/_doc/1`);
    for (const path of ['/metrics', '/-/metrics']) {
      const { text, headers } = await get(url + path);
      expect(headers.get('content-type')).toContain('version=0.0.4');
      expect(text).toMatch(/^twindex_gateway_request_duration_seconds_count\{kind="passed"\} [1-9]/m);
    }
    expect((await get(`${url}/-/health`, { method: 'POST', body: 'x' })).status).toBe(405);
  });

  it('say while it drains that it is not ready, when it still serves old and new connections, each once', async () => {
    const gateway = await openGateway();
    const old = RawClient.open(gateway.url);
    old.send('GET /-/ready HTTP/1.1\r\nhost: a\r\n\r\n');
    await old.until((text) => text.includes('{"status":"ready"}'));
    gateway.drain();
    expect((await get(`${gateway.url}/-/ready`)).status).toBe(503);
    expect((await get(`${gateway.url}/-/health`)).status).toBe(200);
    expect((await get(`${gateway.url}/_cat/indices`)).status).toBe(200);
    old.send(`GET /_cat/indices HTTP/1.1\r\nhost: a\r\n\r\n`);
    const [, , answer] = (await old.untilClosed()).split('HTTP/1.1 ');
    expect(answer).toMatch(/^200 .*connection: close/is);
    await gateway.stop();
    await expect(get(`${gateway.url}/-/health`)).rejects.toThrow();
  });
});
