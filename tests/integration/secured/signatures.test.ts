// Requests signed for Amazon OpenSearch Service, from the first to the last of a migration, before a front that checks each
// signature by itself: with node:crypto, from the bytes that arrive.
import { createHash, createHmac } from 'node:crypto';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type FrontRequest, type Interception, startFront } from '../../front.js';
import { createTwindex } from '../../../src/index.js';
import { connect } from '../../../src/cluster/cluster.js';
import { engineUrls, testCluster, uniqueName } from '../engine.js';
import { get } from '../gateway/harness.js';

const REGION = 'eu-central-1';
const KEY = 'AKIDEXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const TOKEN = 'a-session-token';

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html @returns what is wrong */
function problemOf({ method, path, headers, body }: FrontRequest): string | undefined {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[^/]+\/[^/]+\/aws4_request), SignedHeaders=([^,]+), Signature=(\w{64})$/.exec(
      headers.authorization ?? '',
    );
  if (!match) return 'not signed';
  const [, key, scope = '', names = '', signature] = match;
  const time = String(headers['x-amz-date']);
  if (key !== KEY || scope !== `${time.slice(0, 8)}/${REGION}/es/aws4_request`)
    return `another scope: ${scope}`;
  if (headers['x-amz-security-token'] !== TOKEN) return 'no session token';
  for (const needed of ['host', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'])
    if (!names.split(';').includes(needed)) return `${needed} is not signed`;
  if (headers['x-amz-content-sha256'] !== sha256(body)) return 'another body';
  const [pathname = '', search = ''] = path.split('?', 2);
  const pairs =
    search === ''
      ? []
      : search
          .split('&')
          .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
          .sort();
  const canonical = [
    method,
    pathname.split('/').map(encoded).join('/'),
    pairs
      .map((pair) =>
        pair
          .split('=')
          .map((part) => encoded(decodeURIComponent(part)))
          .join('='),
      )
      .join('&'),
    ...names.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const signed = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const signingKey = scope
    .split('/')
    .reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${SECRET}`);
  return hmac(signingKey, signed).toString('hex') === signature ? undefined : 'another signature';
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const forbidden = (reason: string): Interception => ({
  type: 'answer',
  status: 403,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message: reason }),
});

function setAws(secret: string): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', KEY);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret);
  vi.stubEnv('AWS_SESSION_TOKEN', TOKEN);
  onTestFinished(() => void vi.unstubAllEnvs());
}

it('every request of a migration is signed, and a gateway signs nothing for its clients', async () => {
  setAws(SECRET);
  const problems: string[] = [];
  const front = await startFront({
    upstream: engineUrls[0],
    intercept: (request) => {
      const problem = problemOf(request);
      if (problem === undefined) return undefined;
      problems.push(`${request.method} ${request.path}: ${problem}`);
      return forbidden(problem);
    },
  });
  onTestFinished(() => front.close());
  const name = uniqueName('aws');
  const settings = { number_of_replicas: 0 };
  const open = (version: number, type: string) =>
    createTwindex({
      cluster: { nodes: [front.url], auth: { aws: { region: REGION } } },
      indexes: [{ name, version, settings, mappings: { properties: { price: { type } } } as object }],
    });
  await using first = open(1, 'keyword');
  await first.migrate(name);
  const { connection } = await testCluster();
  const id = 'with blanks, commas + (brackets)*~';
  await connection.json({
    method: 'PUT',
    path: `/${name}-write/_doc/${encodeURIComponent(id)}`,
    query: { refresh: true },
    body: { price: '1' },
  });
  await using twindex = open(2, 'double');
  await twindex.migrate(name, { until: 'switched', graceMs: 300, leaseMs: 5_000, maxWritePauseMs: 5_000 });
  expect(problems).toEqual([]);
  const gateway = await twindex.gateway({ port: 0 });
  const searched = await get(`${gateway.url}/${name}-read/_search`);
  expect([searched.status, searched.text]).toEqual([403, JSON.stringify({ message: 'not signed' })]);
  const written = await get(`${gateway.url}/${name}-write/_doc/x`, {
    method: 'PUT',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  expect(written.status).toBe(403);
  expect(new Set(problems.map((one) => one.replace(/^.*: /, '')))).toEqual(new Set(['not signed']));
});

it('other keys than those of the domain are refused', async () => {
  setAws('another secret');
  const front = await startFront({
    upstream: engineUrls[0],
    intercept: (request) => forbidden(problemOf(request) ?? ''),
  });
  onTestFinished(() => front.close());
  const options = { nodes: [front.url], auth: { aws: { region: REGION } }, maxRetries: 0 };
  await expect(connect(options)).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('another signature') as string,
  });
});

it.each([
  { nodes: ['https://abc.eu-central-1.aoss.amazonaws.com'], auth: { aws: { region: REGION } } },
  { nodes: ['http://127.0.0.1:9'], auth: { aws: { region: REGION, service: 'aoss' } } },
] as const)('Serverless is refused before anything is sent: %o', async (options) => {
  await expect(connect(options)).rejects.toMatchObject({
    code: 'unsupported_engine',
    message: expect.stringMatching(/^Amazon OpenSearch Serverless has no .*_reindex/) as string,
  });
});
