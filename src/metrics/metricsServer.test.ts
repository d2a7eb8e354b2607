import { afterEach, expect, it } from 'vitest';
import type { MetricsPage } from './metricsPage.js';
import { type MetricsServer, serveMetrics } from './metricsServer.js';

const HERE = { host: '127.0.0.1', port: 0 };
const PAGE: MetricsPage = { contentType: 'text/plain; version=0.0.4', read: () => Promise.resolve('up 1\n') };

const servers: MetricsServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(page = PAGE): Promise<string> {
  const server = await serveMetrics(page, HERE);
  servers.push(server);
  return server.url;
}

it('serves the metrics, and nothing else', async () => {
  const url = await serve();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  const found = await fetch(url);
  expect([found.status, found.headers.get('content-type'), await found.text()]).toEqual([
    200,
    PAGE.contentType,
    'up 1\n',
  ]);
  expect((await fetch(`${url}?name=a`)).status).toBe(200);
  expect(await (await fetch(url, { method: 'HEAD' })).text()).toBe('');
  expect((await fetch(new URL('/', url))).status).toBe(404);
  expect(
    (await fetch(url, { method: 'POST', body: 'x'.repeat(1 << 20) }).catch(() => undefined))?.status ?? 405,
  ).toBe(405);
});

it('says when the metrics cannot be read', async () => {
  const url = await serve({
    ...PAGE,
    read: () => Promise.reject(new Error('http://user:secret@host failed')),
  });
  const found = await fetch(url);
  expect([found.status, await found.text()]).toEqual([
    500,
    'The metrics could not be read: http://host failed\n',
  ]);
});

it('says when its port is taken', async () => {
  const port = Number(new URL(await serve()).port);
  await expect(serveMetrics(PAGE, { ...HERE, port })).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringMatching(
      new RegExp(`can't be served on 127.0.0.1:${port}: .*EADDRINUSE.* Use another --metrics-port`),
    ) as string,
  });
});
