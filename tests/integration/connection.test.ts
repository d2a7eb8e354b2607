import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, connect as connectPlainly } from '../../src/cluster/cluster.js';
import { connectProblem } from '../../src/cluster/connectProblem.js';
import type { ClusterOptions } from '../../src/cluster/clusterOptions.js';
import { Connection } from '../../src/cluster/connection.js';
import type { Request } from '../../src/cluster/request.js';
import {
  type Certificates,
  type Front,
  type FrontOptions,
  type FrontRequest,
  makeCertificates,
  startFront,
} from '../front.js';
import { engineName, engineUrls, uniqueName } from './engine.js';

const upstream = engineUrls[0] as string;
const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function front(options: Omit<FrontOptions, 'upstream'> = {}): Promise<Front> {
  const started = await startFront({ upstream, ...options });
  opened.push(started);
  return started;
}

function open(nodes: string[], options: Omit<ClusterOptions, 'nodes'> = {}): Connection {
  const connection = new Connection({ nodes, ...options });
  opened.push(connection);
  return connection;
}

/** A URL at which nothing listens. */
async function deadUrl(): Promise<string> {
  const stopped = await startFront({});
  await stopped.close();
  return stopped.url;
}

const connect = async (options: ClusterOptions): Promise<Cluster> =>
  await connectPlainly(options, undefined, connectProblem);

async function engineOf(nodes: string[], options: Omit<ClusterOptions, 'nodes'> = {}): Promise<string> {
  const cluster = await connect({ nodes, ...options });
  opened.push(cluster);
  return cluster.engine.name;
}

const health: Request = { method: 'GET', path: '/_cluster/health' };

describe('credentials', () => {
  const basic = `Basic ${Buffer.from('elastic:p@ss/wörd:%').toString('base64')}`;
  const password = 'p@ss/wörd:%';

  it.each<[string, string, ClusterOptions['auth']]>([
    ['user and password', basic, { username: 'elastic', password }],
    ['an API key', 'ApiKey a2V5', { apiKey: 'a2V5' }],
    ['a bearer token', 'Bearer t.o.k', { bearer: 't.o.k' }],
  ])('%s are sent with every request', async (_, header, auth) => {
    const { url, requests } = await front({ auth: header });
    expect(await engineOf([url], { auth })).toBe(engineName);
    expect(requests).toHaveLength(1);
  });

  it('are taken from the URL', async () => {
    const { url } = await front({ auth: basic });
    const withUser = url.replace('//', `//elastic:${encodeURIComponent(password)}@`);
    expect(await engineOf([withUser])).toBe(engineName);
  });

  it('may have a bare % in the URL', async () => {
    const { url } = await front({ auth: `Basic ${Buffer.from('u:50%off').toString('base64')}` });
    expect(await engineOf([url.replace('//', '//u:50%off@')])).toBe(engineName);
  });

  it.each([undefined, { username: 'elastic', password: 'wrong' }, { apiKey: 'wrong' }])(
    'that are missing or wrong (%o) give `unauthorized`, once, without telling them',
    async (auth) => {
      let count = 0;
      const { url } = await startFrontWith401(() => count++);
      const error: unknown = await connect({ nodes: [url], auth }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'unauthorized', status: 401 });
      expect(inspect(error, { depth: 10 })).not.toContain('wrong');
      expect(count).toBe(1);
    },
  );

  const startFrontWith401 = (onRequest: () => void) =>
    front({
      intercept: () => {
        onRequest();
        return {
          type: 'answer',
          status: 401,
          body: '{"error":{"type":"security_exception","reason":"no"},"status":401}',
        };
      },
    });

  it('in a URL are in no error, whatever goes wrong', async () => {
    const secret = 'hunter2';
    const withSecret = (url: string) => url.replace('//', `//elastic:${secret}@`);
    const dead = withSecret(await deadUrl());
    const hanging = withSecret((await front({ intercept: () => ({ type: 'hang' }) })).url);
    const resetting = withSecret(
      (await front({ intercept: () => ({ type: 'reset', after: 'request' }) })).url,
    );
    const refusing = withSecret((await front({ auth: 'Basic other' })).url);
    const page = withSecret(
      (await front({ intercept: () => ({ type: 'answer', status: 200, body: '<html>' }) })).url,
    );
    const broken = [
      `http//elastic:${secret}@host:9200`,
      `ftp://elastic:${secret}@host`,
      `http://elastic:${secret}@ho st`,
    ];
    for (const url of [dead, hanging, resetting, refusing, page, ...broken]) {
      const error: unknown = await connect({ nodes: [url], requestTimeoutMs: 200 }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(Error);
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret);
    }
  });
});

describe('addresses', () => {
  it.each([[[]], [['localhost:9200']], [['ftp://localhost']], [['']]])('%o is no configuration', (nodes) => {
    expect(() => new Connection({ nodes })).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining('cluster.nodes') }),
    );
  });

  it('may have a path before the API', async () => {
    const { url, requests } = await front({ prefix: '/search/v1' });
    for (const address of [url, `${url}/`]) expect(await engineOf([address])).toBe(engineName);
    expect(requests.map(({ path }) => path.startsWith('/_nodes/_local?'))).toEqual([true, true]);
  });

  it('are used in turn, and when one is dead the others', async () => {
    const first = await front();
    const second = await front();
    const connection = open([first.url, await deadUrl(), second.url]);
    for (let n = 0; n < 6; n++) expect((await connection.send(health)).status).toBe(200);
    expect(first.requests.length + second.requests.length).toBe(6);
    expect(Math.min(first.requests.length, second.requests.length)).toBeGreaterThan(0);
  });

  it('that are all dead give `unreachable`, with the reason for each', async () => {
    const nodes = [await deadUrl(), (await deadUrl()).replace('127.0.0.1', 'localhost')];
    const error = (await open(nodes)
      .send(health)
      .catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code: 'unreachable' });
    for (const node of nodes) expect(error.message).toMatch(new RegExp(`${node}[^;]*ECONNREFUSED`));
  });

  it('whose name does not exist give `unreachable`', async () => {
    await expect(open(['http://no-such-host.invalid:9200']).send(health)).rejects.toMatchObject({
      code: 'unreachable',
    });
  });
});

describe('TLS', () => {
  let certificates: Certificates;
  let other: Certificates;
  let folder: string;
  let caFile: string;

  beforeAll(async () => {
    certificates = await makeCertificates();
    other = await makeCertificates();
    folder = mkdtempSync(join(tmpdir(), 'twindex-tls-'));
    caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, certificates.ca);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('works with the authority in caFile', async () => {
    const { url } = await front({ tls: certificates });
    expect(await engineOf([url], { caFile })).toBe(engineName);
  });

  it('without the authority gives `certificate` and says what to do about the certificate', async () => {
    const { url, requests } = await front({ tls: certificates });
    await expect(connect({ nodes: [url] })).rejects.toMatchObject({
      code: 'certificate',
      message: expect.stringMatching(/authority that is not trusted.*cluster\.caFile/),
    });
    expect(requests).toEqual([]);
  });

  it('with another authority, or for another host, gives `certificate`', async () => {
    const wrongAuthority = await front({ tls: other });
    const wrongHost = await front({
      tls: { ...certificates, ...(await certificateFor('elsewhere.example')) },
    });
    for (const { url } of [wrongAuthority, wrongHost]) {
      await expect(connect({ nodes: [url], caFile })).rejects.toMatchObject({
        code: 'certificate',
        message: expect.stringContaining('certificate'),
      });
    }
  });

  const certificateFor = async (host: string): Promise<Certificates> => {
    const made = await makeCertificates(host);
    writeFileSync(caFile, `${certificates.ca}\n${made.ca}`);
    return made;
  };

  it('spoken to a node without it gives `wrong_scheme`', async () => {
    const { url } = await front();
    await expect(connect({ nodes: [url.replace('http:', 'https:')] })).rejects.toMatchObject({
      code: 'wrong_scheme',
      message: expect.stringContaining('speaks http, not https'),
    });
  });

  it('not spoken to a node with it gives `wrong_scheme`', async () => {
    const { url } = await front({ tls: certificates });
    await expect(connect({ nodes: [url.replace('https:', 'http:')] })).rejects.toMatchObject({
      code: 'wrong_scheme',
      message: expect.stringContaining('speaks https, not http'),
    });
  });

  it('with a caFile that is missing or holds no certificate gives `config_invalid`', () => {
    const empty = join(folder, 'empty.pem');
    writeFileSync(empty, 'nothing');
    for (const file of [empty, join(folder, 'missing.pem')]) {
      expect(() => new Connection({ nodes: ['https://localhost'], caFile: file })).toThrow(
        expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(file) }),
      );
    }
  });
});

describe('what may be repeated', () => {
  const document = (name: string): Request => ({ method: 'PUT', path: `/${name}/_doc/1`, body: { a: 1 } });
  const firstTime = (status: number) => (request: FrontRequest) =>
    request.number === 1 ? ({ type: 'answer', status, body: '{}' } as const) : undefined;

  it.each([429, 502, 503, 504])('is repeated after %i until it is answered', async (status) => {
    const { url, requests } = await front({ intercept: firstTime(status) });
    expect((await open([url]).send({ ...health, repeat: 'always' })).status).toBe(200);
    expect(requests).toHaveLength(2);
  });

  it.each([
    ['never', 429],
    ['never', 503],
    ['always', 500],
    ['always', 404],
  ] as const)('with repeat: %s is given back with %i', async (repeat, status) => {
    const { url, requests } = await front({ intercept: firstTime(status) });
    expect((await open([url]).send({ ...health, repeat })).status).toBe(status);
    expect(requests).toHaveLength(1);
  });

  it('is given up after maxRetries, with the last answer', async () => {
    const { url, requests } = await front({ intercept: () => ({ type: 'answer', status: 503, body: '{}' }) });
    await expect(open([url], { maxRetries: 2 }).json({ ...health, repeat: 'always' })).rejects.toMatchObject({
      code: 'overloaded',
      status: 503,
    });
    expect(requests).toHaveLength(3);
  });

  it('is sent again when the connection broke after the engine had done it', async () => {
    const name = uniqueName('connection');
    const { url, requests } = await front({
      intercept: ({ number }) => (number === 1 ? { type: 'reset', after: 'upstream' } : undefined),
    });
    const answer = await open([url]).json({ ...document(name), repeat: 'always' });
    expect(answer).toMatchObject({ _version: 2 });
    expect(requests).toHaveLength(2);
  });

  it.each(['request', 'upstream'] as const)(
    'else a connection that broke after the %s gives `unanswered`, and no other node is asked',
    async (after) => {
      const name = uniqueName('connection');
      const breaking = await front({ intercept: () => ({ type: 'reset', after }) });
      const other = await front();
      const connection = open([breaking.url, other.url]);
      await expect(connection.send(document(name))).rejects.toMatchObject({ code: 'unanswered' });
      expect([breaking.requests.length, other.requests.length]).toEqual([1, 0]);
    },
  );

  it('an answer that is cut off gives `unanswered`', async () => {
    const { url, requests } = await front({ intercept: () => ({ type: 'cut' }) });
    await expect(open([url]).json(health)).rejects.toMatchObject({ code: 'unanswered' });
    expect(requests).toHaveLength(1);
  });

  it('where nothing could be sent the next node is asked, whatever may be repeated', async () => {
    const { url, requests } = await front();
    const connection = open([await deadUrl(), url]);
    expect((await connection.send({ ...health, repeat: 'never' })).status).toBe(200);
    expect(requests).toHaveLength(1);
  });
});

describe('bounds', () => {
  it('no answer in time gives `unanswered`', async () => {
    const { url } = await front({ intercept: () => ({ type: 'hang' }) });
    await expect(open([url]).send({ ...health, timeoutMs: 50 })).rejects.toMatchObject({
      code: 'unanswered',
      message: expect.stringContaining('no answer within 50 ms'),
    });
  });

  it('the time runs also while a connection is being opened', async () => {
    const mute = createServer();
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    opened.push({ close: async () => mute.close() });
    const { port } = mute.address() as { port: number };
    await expect(
      open([`https://127.0.0.1:${port}`]).send({ ...health, timeoutMs: 100 }),
    ).rejects.toMatchObject({
      code: 'unanswered',
      message: expect.stringContaining('no answer within 100 ms'),
    });
  });

  it('an answer over maxResponseBytes gives `too_large`, and is not asked for again', async () => {
    const { url, requests } = await front({
      intercept: () => ({ type: 'answer', status: 200, body: 'x'.repeat(1_000_000) }),
    });
    const connection = open([url]);
    await expect(
      connection.send({ ...health, maxResponseBytes: 999_999, repeat: 'always' }),
    ).rejects.toMatchObject({
      code: 'too_large',
    });
    expect(requests).toHaveLength(1);
    expect((await connection.send({ ...health, maxResponseBytes: 1_000_000 })).body).toHaveLength(1_000_000);
  });

  it('a signal breaks a request off, and the wait for the next attempt', async () => {
    const { url } = await front({
      intercept: ({ number }) => (number === 1 ? { type: 'hang' } : { type: 'answer', status: 503 }),
    });
    const connection = open([url], { maxRetries: 100 });
    for (let n = 0; n < 2; n++) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error('stopped')), 50);
      await expect(
        connection.send({ ...health, repeat: 'always', signal: controller.signal }),
      ).rejects.toThrow();
    }
    await expect(connection.send({ ...health, signal: AbortSignal.abort() })).rejects.toThrow();
  });

  it('a header of 100 KB is taken', async () => {
    const { url } = await front({
      intercept: () => ({ type: 'answer', status: 200, body: '{}', headers: { task: 'x'.repeat(100_000) } }),
    });
    expect(await open([url]).json(health)).toEqual({});
  });
});

describe('who answers', () => {
  const answering = (status: number, body: string, headers: Record<string, string> = {}) =>
    front({ intercept: () => ({ type: 'answer', status, body, headers }) });

  it.each([
    ['a web server that does not know the path', 404, '<html>Not Found</html>'],
    ['a web server that answers everything with a page', 200, '<html>Welcome</html>'],
    ['some other JSON API', 200, '{"nodes":[]}'],
    ['a redirect to a login page', 302, ''],
  ])('%s is `not_an_engine`', async (_, status, body) => {
    const { url } = await answering(status, body);
    await expect(connect({ nodes: [url] })).rejects.toMatchObject({
      code: 'not_an_engine',
      message: expect.stringContaining('neither OpenSearch nor Elasticsearch'),
    });
  });

  it.each([
    ['elasticsearch 7.10.2', { version: '7.10.2', build_flavor: 'default' }],
    ['elasticsearch 7.16.3', { version: '7.16.3', build_flavor: 'oss' }],
    ['elasticsearch 6.8.23', { version: '6.8.23', build_flavor: 'default' }],
    ['opensearch 1.3.20', { version: '1.3.20', build_type: 'tar' }],
    ['opensearch 2.11.1', { version: '2.11.1', build_type: 'tar' }],
  ])('%s is an `unsupported_engine`, by its name', async (name, node) => {
    const { url } = await answering(200, JSON.stringify({ nodes: { x: node } }));
    await expect(connect({ nodes: [url] })).rejects.toMatchObject({
      code: 'unsupported_engine',
      message: expect.stringContaining(name),
    });
  });

  it.each([
    ['opensearch', { version: '2.12.0', build_type: 'tar' }],
    ['elasticsearch', { version: '7.17.0', build_flavor: 'default' }],
    ['elasticsearch', { version: '8.0.0-SNAPSHOT', build_flavor: 'default' }],
  ])('%s is told by %o', async (name, node) => {
    const { url } = await answering(200, JSON.stringify({ nodes: { x: node } }));
    expect(await engineOf([url])).toBe(name);
  });

  it.each([
    [503, 'overloaded'],
    [403, 'forbidden'],
    [500, 'failed'],
  ])('a %i page of a proxy is %s, with its text', async (status, code) => {
    const { url } = await answering(status, '<html>\n<h1>Sorry</h1></html>');
    await expect(connect({ nodes: [url] })).rejects.toMatchObject({
      code,
      message: expect.stringContaining('Sorry'),
    });
  });

  it('a page with status 200 in the place of an answer is `unanswered`', async () => {
    const { url } = await answering(200, '<html>Please log in</html>');
    await expect(open([url]).json(health)).rejects.toMatchObject({
      code: 'unanswered',
      message: expect.stringContaining('Please log in'),
    });
  });
});

describe('a source cluster that is away at first', () => {
  it('is known as soon as it answers', async () => {
    let isAway = true;
    const { url } = await front({
      intercept: () => (isAway ? { type: 'reset', after: 'request' } : undefined),
    });
    const cluster = await connectPlainly(
      { nodes: [upstream] },
      { options: { nodes: [url] }, mayBeAway: true },
    );
    opened.push(cluster);
    // twindex makes such copies of a cluster, with a connection of their own
    const copy = { ...cluster.source };
    expect(copy.engine?.version).toBe('unknown');
    isAway = false;
    await expect.poll(() => copy.engine, { timeout: 20_000 }).toEqual(cluster.engine);
  });
});
