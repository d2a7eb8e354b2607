// What a user reads when the first request fails, with real sockets and real certificates.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type FrontOptions, makeCertificates, startFront } from '../../tests/front.js';
import { raised } from '../../tests/errorCodes.js';
import { partsOf } from '../errors.js';
import { connect } from './cluster.js';
import { connectProblem } from './connectProblem.js';
import type { ClusterOptions } from './clusterOptions.js';

const opened: { close(): unknown }[] = [];
let folder: string;
let caFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twindex-connect-'));
  caFile = join(folder, 'ca.pem');
});
afterAll(async () => await rm(folder, { recursive: true }));
afterEach(async () => void (await Promise.all(opened.splice(0).map((one) => one.close()))));

async function front(options: FrontOptions = {}): Promise<string> {
  const started = await startFront(options);
  opened.push(started);
  return started.url;
}

/** Something that listens, and is no HTTP server. */
async function listener(onConnection: (socket: Socket) => unknown): Promise<string> {
  const server = createServer((socket) => void onConnection(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(server);
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

const ORIGINS = { nodes: 'THE NODES', auth: 'THE AUTH', caFile: 'THE FILE' };

async function problem(node: string, options: Partial<ClusterOptions> = {}) {
  const contact = { nodes: [node], requestTimeoutMs: 500, maxRetries: 0, origins: ORIGINS, ...options };
  const error = await raised(async () => await connect(contact, undefined, connectProblem));
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('s3cret');
  return partsOf(error);
}

const withUser = (url: string): string => url.replace('//', '//me:s3cret@');
const page = (status: number, body: string, headers: Record<string, string> = {}): FrontOptions => ({
  intercept: () => ({ type: 'answer', status, body, headers }),
});

it('https to a port that speaks http', async () => {
  expect(await problem(withUser(await front()).replace('http:', 'https:'))).toMatchObject({
    code: 'wrong_scheme',
    message: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+ speaks http, not https\.$/),
    hint: 'Write http:// instead of https:// in THE NODES.',
  });
});

it('http to a port that speaks https', async () => {
  const url = await front({ tls: await makeCertificates() });
  expect(await problem(withUser(url).replace('https:', 'http:'))).toMatchObject({
    code: 'wrong_scheme',
    message: expect.stringMatching(/^http:\/\/localhost:\d+ speaks https, not http\.$/),
    hint: 'Write https:// instead of http:// in THE NODES.',
  });
});

it('a port where nothing listens', async () => {
  const stopped = await startFront({});
  await stopped.close();
  for (const url of [stopped.url, stopped.url.replace('127.0.0.1', 'localhost')])
    expect(await problem(withUser(url))).toEqual({
      code: 'unreachable',
      message: `cannot connect to ${url}: nothing listens there (ECONNREFUSED).`,
      hint: 'Check that the cluster runs, and that host and port are right in THE NODES.',
    });
});

it('a host that does not exist', async () => {
  const { code, message, hint } = await problem('http://me:s3cret@no-such-host.invalid:9200');
  expect(code).toBe('unreachable');
  // a machine without a name server answers EAI_AGAIN
  expect(message).toMatch(/the host no-such-host\.invalid does not exist|DNS does not answer/);
  expect(hint).toBe('Check the host name in THE NODES, and the DNS of this machine.');
});

it('several nodes: the reason of each', async () => {
  const stopped = await startFront({});
  await stopped.close();
  const nodes = [stopped.url, 'http://no-such-host.invalid:9200'];
  const { message } = await problem('', { nodes });
  expect(message).toMatch(/^cannot connect to http:\S+: nothing .*; http:\S+: .*\.$/);
});

it('a private authority, without and with another one in caFile', async () => {
  const url = await front({ tls: await makeCertificates() });
  expect(await problem(withUser(url))).toMatchObject({
    code: 'certificate',
    message: expect.stringContaining('its certificate is signed by an authority that is not trusted here'),
    hint: 'It is signed by "Test authority". If it is your own authority, set THE FILE to a PEM file with its certificate.',
  });
  await writeFile(caFile, (await makeCertificates()).ca);
  expect(await problem(url, { caFile })).toMatchObject({
    code: 'certificate',
    hint: 'It is signed by "Test authority". The authority in THE FILE has not signed it. Use the certificate of the authority that has signed it.',
  });
});

it('a certificate that has expired', async () => {
  const tls = await makeCertificates('localhost', new Date('2020-05-01T00:00:00Z'));
  await writeFile(caFile, tls.ca);
  expect(await problem(await front({ tls }), { caFile })).toMatchObject({
    code: 'certificate',
    message: expect.stringContaining('its certificate has expired (CERT_HAS_EXPIRED)'),
    hint: 'It was valid until May  1 00:00:00 2020 GMT. Renew the certificate of the node.',
  });
});

it('a certificate for another host', async () => {
  const tls = await makeCertificates('search.example');
  await writeFile(caFile, tls.ca);
  expect(await problem(await front({ tls }), { caFile })).toMatchObject({
    code: 'certificate',
    message: expect.stringContaining('its certificate is for search.example, not for this host'),
    hint: expect.stringContaining('In THE NODES'),
  });
});

it('a caFile that is none', async () => {
  expect(await problem('https://localhost:9', { caFile: join(folder, 'none.pem') })).toMatchObject({
    code: 'config_invalid',
    message: expect.stringMatching(/^THE FILE: cannot read /),
  });
});

it.each<[string, Partial<ClusterOptions>, string]>([
  ['none were sent', {}, 'No credentials were sent. Configure them in THE AUTH.'],
  [
    'a wrong password',
    { auth: { username: 'me', password: 's3cret' } },
    'Check user and password in THE AUTH.',
  ],
  ['a wrong API key', { auth: { apiKey: 's3cret' } }, 'Check the API key in THE AUTH. It may have expired.'],
  [
    'a wrong token',
    { auth: { bearer: 's3cret' } },
    'Check the bearer token in THE AUTH. It may have expired.',
  ],
])('credentials: %s', async (_, options, hint) => {
  const found = await problem(await front({ auth: 'Basic right' }), options);
  expect(found).toMatchObject({ code: 'unauthorized', hint });
});

it('credentials: a wrong password in the URL', async () => {
  expect(await problem(withUser(await front({ auth: 'Basic right' })))).toMatchObject({
    code: 'unauthorized',
    hint: 'Check user and password in THE NODES.',
  });
});

it('a user without a right', async () => {
  const body =
    '{"error":{"type":"security_exception","reason":"no permissions for [cluster:monitor/nodes/info]"}}';
  expect(await problem(withUser(await front(page(403, body))))).toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('no permissions for [cluster:monitor/nodes/info]'),
    hint: expect.stringContaining('docs/operating.md#permissions'),
  });
});

it.each([
  [
    'a page of a proxy',
    page(200, '<html><head><title>Sign in</title>'),
    'it answered 200 with the web page "Sign in".',
  ],
  [
    'a redirect to a login',
    page(302, '', { location: 'https://me:s3cret@login.example/?token=s3cret' }),
    'it answered 302, to https://login.example/?…',
  ],
  ['a page that shows what it was sent', page(404, 'Authorization: Basic bWU6czNjcmV0'), 'Authorization: …'],
  ['another API', page(200, '{"hello":"world"}'), 'it answered 200 with {"hello":"world"}.'],
])('%s', async (_, options, text) => {
  const { code, message, hint } = await problem(withUser(await front(options)));
  expect(code).toBe('not_an_engine');
  expect(message).toContain(text);
  expect(message).not.toContain('bWU6');
  expect(hint).toContain('Check host, port and path in THE NODES.');
});

it('a proxy that does not reach the cluster', async () => {
  expect(await problem(withUser(await front(page(502, '<h1>Bad Gateway</h1>'))))).toMatchObject({
    code: 'overloaded',
    message: 'GET /_nodes/_local was refused with 502: Bad Gateway.',
  });
});

it('a port that does not speak HTTP', async () => {
  const url = await listener((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
  expect(await problem(withUser(url))).toMatchObject({
    code: 'not_an_engine',
    message: expect.stringContaining('the server there does not speak HTTP'),
    hint: expect.stringContaining('Check the port in THE NODES'),
  });
});

it('an engine that hangs', async () => {
  const url = await listener(() => undefined);
  expect(await problem(withUser(url))).toMatchObject({
    code: 'unanswered',
    message: `GET /_nodes/_local on ${url} was not answered: no answer within 500 ms.`,
    hint: expect.stringContaining(
      'so the cluster may be hanging. If it is not, check host and port in THE NODES.',
    ),
  });
});

it('nothing else is asked of a cluster where nobody waits for the cause', async () => {
  let connections = 0;
  const url = await listener(() => connections++);
  const error = await raised(
    async () => await connect({ nodes: [url], requestTimeoutMs: 100, maxRetries: 0 }),
  );
  expect(error).toMatchObject({ code: 'unanswered', hint: undefined });
  expect(connections).toBe(1);
});
