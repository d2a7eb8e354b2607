// TLS towards clients and to the cluster.
import { request as httpsRequest } from 'node:https';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
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

  it('is refused with a certificate that is none', async () => {
    await expect(openGateway({ tls: { cert: 'no', key: 'no' } })).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });
});
