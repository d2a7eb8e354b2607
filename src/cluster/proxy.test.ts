// Which proxy a node is behind, and what comes of it when the proxy refuses.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { makeCertificates, startFront } from '../../tests/front.js';
import { Connection } from './connection.js';
import { proxyFor } from './proxy.js';
import type { Request } from './request.js';

const HEALTH: Request = { method: 'GET', path: '/_cluster/health' };

const ENV = {
  HTTPS_PROXY: 'http://proxy:3128',
  NO_PROXY: 'inside, .example.com,*.example.org, port.net:9200',
};

it.each<[string, string | undefined]>([
  ['https://search.net', 'http://proxy:3128'],
  ['https://search.net:9200', 'http://proxy:3128'],
  ['http://search.net', undefined],
  ['https://localhost:9200', undefined],
  ['https://127.0.0.1:9200', undefined],
  ['https://[::1]:9200', undefined],
  ['https://inside', undefined],
  ['https://node.inside:9200', undefined],
  ['https://outside', 'http://proxy:3128'],
  ['https://a.example.com', undefined],
  ['https://example.com', undefined],
  ['https://b.a.example.org', undefined],
  ['https://notexample.org', 'http://proxy:3128'],
  ['https://port.net:9200', undefined],
  ['https://port.net:9201', 'http://proxy:3128'],
])('%s: %s', (node, expected) => {
  expect(proxyFor(new URL(node), {}, ENV)?.origin).toBe(expected);
});

it('the options win over the environment, and everybody may be excepted', () => {
  const node = new URL('https://inside');
  expect(proxyFor(node, { proxy: 'http://own:1' }, ENV)?.origin).toBe('http://own:1');
  expect(proxyFor(new URL('https://outside'), { proxy: false }, ENV)).toBeUndefined();
  expect(proxyFor(new URL('https://outside'), {}, { ...ENV, NO_PROXY: '*' })).toBeUndefined();
  expect(proxyFor(new URL('https://outside'), {}, { https_proxy: 'lower:8080' })?.origin).toBe(
    'http://lower:8080',
  );
});

it('an address that is none is refused, without its password', () => {
  const refused = () => proxyFor(new URL('https://outside'), {}, { HTTPS_PROXY: 'ftp://me:s3cret@proxy' });
  expect(refused).toThrow('HTTPS_PROXY: "…@proxy" is not the address of a proxy. Write http://host:port.');
});

/** A proxy that connects whoever has this user, and counts. */
async function openProxy(user?: string): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer().on('connect', ({ url = '', headers }, client: Socket) => {
    asked.push(url);
    const wanted = user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
    if (headers['proxy-authorization'] !== wanted)
      return client.end('HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n');
    const [host = '', port] = url.split(':');
    const node = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n');
      client.pipe(node).pipe(client);
    });
    for (const one of [node, client]) one.on('error', () => undefined);
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function open(url: string, proxy: string): Connection {
  const connection = new Connection({ nodes: [url], proxy, maxRetries: 0 });
  onTestFinished(() => connection.close());
  return connection;
}

it.each([
  ['p@ss', 'p%40ss'],
  ['50%', '50%'],
])('requests go through the proxy, with its user and the password %s', async (password, written) => {
  const front = await startFront({ intercept: () => ({ type: 'answer', status: 200, body: '{}' }) });
  onTestFinished(() => front.close());
  const proxy = await openProxy(`me:${password}`);
  const connection = open(front.url, proxy.url.replace('//', `//me:${written}@`));
  expect((await connection.send(HEALTH)).status).toBe(200);
  expect(proxy.asked).toEqual([new URL(front.url).host]);
  expect(front.requests[0]?.headers['proxy-authorization']).toBeUndefined();
});

it('a certificate is checked behind a proxy, too', async () => {
  const { cert, key } = await makeCertificates();
  const front = await startFront({ tls: { cert, key } });
  onTestFinished(() => front.close());
  const connection = open(front.url, (await openProxy()).url);
  await expect(connection.send(HEALTH)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('is signed by an authority that is not trusted here') as string,
  });
});

it.each([
  ['me:wrong@', /the proxy http:\/\/127\.0\.0\.1:\d+ does not accept this user and password \(407\)/],
  ['', /asks for user and password \(407\)/],
])('a proxy that refuses %s is named, without the password', async (user, message) => {
  const proxy = await openProxy('me:right');
  const failed = open('http://127.0.0.1:9', proxy.url.replace('//', `//${user}`)).send(HEALTH);
  await expect(failed).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(message) as string,
  });
  await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('wrong') as string });
});

it('a proxy that is away is named', async () => {
  await expect(open('http://127.0.0.1:9', 'http://127.0.0.1:9').send(HEALTH)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(
      /the proxy http:\/\/127\.0\.0\.1:9 can't be used: connect ECONNREFUSED/,
    ) as string,
  });
});
