// TLS towards clients and to the cluster.
import { request as httpsRequest } from 'node:https';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../../src/cluster/cluster.js';
import { makeCertificates, startFront } from '../../front.js';
import { engineUrls } from '../engine.js';
import { get, openGateway } from './harness.js';

/** As Node asks, with an authority of its own. */
function ask(url: string, ca: string, body?: string): Promise<{ status: number; text: string }> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    httpsRequest(
      {
        host: 'localhost',
        port,
        path: '/_cluster/health',
        ca,
        method: body === undefined ? 'GET' : 'POST',
        agent: false,
      },
      async (response) => {
        const text = Buffer.concat((await response.toArray()) as Buffer[]).toString();
        resolve({ status: response.statusCode ?? 0, text });
      },
    )
      .on('error', reject)
      .end(body);
  });
}

describe('TLS', () => {
  it('is spoken with clients that trust the certificate, and with nobody else', async () => {
    const { ca, cert, key } = await makeCertificates();
    const { url } = await openGateway({ host: 'localhost', tls: { cert, key } });
    expect(url).toMatch(/^https:/);
    expect(await ask(url, ca)).toMatchObject({ status: 200 });
    await expect(ask(url, (await makeCertificates()).ca)).rejects.toThrow();
    // who speaks no TLS there is cut off, and harms nobody
    const plain = connectTcp({ host: 'localhost', port: Number(new URL(url).port) });
    plain
      .on('error', () => undefined)
      .resume()
      .write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await new Promise((resolve) => plain.on('close', resolve));
    expect(await ask(url, ca)).toMatchObject({ status: 200 });
  });

  it('is spoken with nodes whose authority is known, and the client is told where not', async () => {
    const { ca, cert, key } = await makeCertificates();
    const folder = await mkdtemp(join(tmpdir(), 'twindex-gateway-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, ca);
    const front = await startFront({ upstream: engineUrls[0], tls: { cert, key } });
    onTestFinished(() => front.close());
    const trusting = await openGateway({ nodes: [front.url], clusterOptions: { caFile } });
    for (let n = 0; n < 5; n++) expect((await get(`${trusting.url}/_cluster/health`)).status).toBe(200);
    const doubting = await openGateway({ nodes: [front.url] });
    const refused = await get(doubting.url);
    expect(refused.status).toBe(502);
    expect(refused.text).toMatch(/certificate/);
  });

  it('shows the certificate of the configuration for no request of a client', async () => {
    const { ca, cert, key } = await makeCertificates();
    const own = await makeCertificates('twindex');
    const folder = await mkdtemp(join(tmpdir(), 'twindex-gateway-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [caFile, certFile, keyFile] = ['ca', 'cert', 'key'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const [file, pem] of [
      [caFile, ca],
      [certFile, own.cert],
      [keyFile, own.key],
    ] as const)
      await writeFile(file, pem);
    const tls = { cert, key, clientCa: own.ca, demandsCertificate: false };
    const front = await startFront({ upstream: engineUrls[0], tls });
    onTestFinished(() => front.close());
    const options = { nodes: [front.url], caFile, certFile, keyFile };
    const cluster = await connect(options);
    onTestFinished(() => cluster.close());
    expect(front.requests.map(({ certificate }) => certificate)).toEqual(['twindex']);
    const gateway = await openGateway({ nodes: options.nodes, clusterOptions: options });
    expect((await get(`${gateway.url}/_cluster/health`)).status).toBe(200);
    expect(front.requests.map(({ certificate }) => certificate)).toEqual(['twindex', undefined]);
  });

  it('is refused with a certificate that is none', async () => {
    await expect(openGateway({ tls: { cert: 'no', key: 'no' } })).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });
});
