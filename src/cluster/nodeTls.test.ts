// Whom twindex trusts by a fingerprint, and the certificate that it shows.
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Certificates, type FrontOptions, makeCertificates, startFront } from '../../tests/front.js';
import { Connection } from './connection.js';
import type { ClusterOptions } from './clusterOptions.js';
import type { Request } from './request.js';

const HEALTH: Request = { method: 'GET', path: '/_cluster/health' };
const fingerprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256;

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'twindex-tls-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

async function front(tls: FrontOptions['tls']) {
  // each request gets a connection of its own
  const answer = { type: 'answer', status: 200, body: '{}', headers: { connection: 'close' } } as const;
  const started = await startFront({ tls, intercept: () => answer });
  onTestFinished(() => started.close());
  return started;
}

function open(url: string, options: Partial<ClusterOptions>): Connection {
  const connection = new Connection({ nodes: [url], maxRetries: 0, ...options });
  onTestFinished(() => connection.close());
  return connection;
}

const joined = (...certificates: readonly string[]): string =>
  certificates.map((one) => one.trim()).join('\n');
const chain = ({ cert, ca }: Certificates): string => joined(cert, ca);

it.each([
  ['with colons', (text: string) => text],
  ['without colons, in lower case', (text: string) => text.replaceAll(':', '').toLowerCase()],
])('a node whose authority has the fingerprint is trusted (%s)', async (_, write) => {
  const made = await makeCertificates();
  const { url } = await front({ cert: chain(made), key: made.key });
  const connection = open(url, { caFingerprint: write(fingerprintOf(made.ca)) });
  expect((await connection.send(HEALTH)).status).toBe(200);
});

it('a node without that authority is not trusted, and gets nothing', async () => {
  const [made, other] = await Promise.all([makeCertificates(), makeCertificates()]);
  const { url, requests } = await front({ cert: chain(made), key: made.key });
  await expect(open(url, { caFingerprint: fingerprintOf(other.ca) }).send(HEALTH)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(
      /none of its 2 certificates has the configured fingerprint\. The last one, of "Test authority", has /,
    ) as string,
  });
  expect(requests).toHaveLength(0);
});

it('a certificate that only lies beside the authority is not trusted', async () => {
  const [made, other] = await Promise.all([makeCertificates(), makeCertificates()]);
  // an attacker has the public certificate of the authority, and a certificate of the same issuer name
  const { url, requests } = await front({ cert: joined(other.cert, made.ca), key: other.key });
  await expect(open(url, { caFingerprint: fingerprintOf(made.ca) }).send(HEALTH)).rejects.toMatchObject({
    code: 'unreachable',
  });
  expect(requests).toHaveLength(0);
});

it('a client certificate is shown, and a renewed one with the next connection', async () => {
  const made = await makeCertificates();
  const [first, renewed] = await Promise.all([makeCertificates('one'), makeCertificates('two')]);
  const tls = { cert: made.cert, key: made.key, clientCa: first.ca, demandsCertificate: false };
  const { url, requests } = await front(tls);
  const folder = await folderWith({ 'ca.pem': made.ca, 'cert.pem': first.cert, 'key.pem': first.key });
  const [caFile, certFile, keyFile] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const connection = open(url, { caFile, certFile, keyFile });
  const shown = async (): Promise<string | undefined> => {
    await connection.send(HEALTH);
    return requests.at(-1)?.certificate;
  };
  expect(await shown()).toBe('one');
  await writeFile(certFile, renewed.cert);
  await writeFile(keyFile, renewed.key);
  for (const file of [certFile, keyFile]) await utimes(file, new Date(), new Date(Date.now() + 60_000));
  await expect.poll(shown, { timeout: 20_000 }).toBe('two');
});

it('a node that demands a certificate serves nobody without one', async () => {
  const [made, clients] = await Promise.all([makeCertificates(), makeCertificates('one')]);
  const { url, requests } = await front({ cert: made.cert, key: made.key, clientCa: clients.ca });
  const folder = await folderWith({ 'ca.pem': made.ca, 'cert.pem': clients.cert, 'key.pem': clients.key });
  const [caFile, certFile, keyFile] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await expect(open(url, { caFile }).send(HEALTH)).rejects.toMatchObject({
    code: expect.stringMatching(/^un/) as string,
  });
  expect(requests).toHaveLength(0);
  expect((await open(url, { caFile, certFile, keyFile }).send(HEALTH)).status).toBe(200);
});

it.each<[string, Partial<ClusterOptions>, string]>([
  [
    'a certificate that is missing',
    { certFile: '/nowhere', keyFile: '/nowhere' },
    'cluster.certFile: cannot read /nowhere',
  ],
  ['a key that is none', { keyFile: import.meta.filename }, 'contains no private key'],
])('%s is named before anything is sent', async (_, options, message) => {
  expect(() => open('https://localhost:9', options)).toThrow(message);
});
