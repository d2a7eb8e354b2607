// Requests that a proxy or the cluster turns away, once or for a while: nothing of them was done, and the coordinator goes on.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { connect } from '../../../src/cluster/cluster.js';
import { loadConfig } from '../../../src/schema/load.js';
import { type FrontRequest, startFront } from '../../front.js';
import { engineUrls, testCluster } from '../engine.js';
import { PRICES, Subject } from './harness.js';

const ANSWERS = {
  302: { status: 302, body: '', headers: { location: 'https://login.example.com/' } },
  401: { status: 401, body: 'Unauthorized' },
  403: { status: 403, body: '{"error":{"type":"security_exception","reason":"no permission"},"status":403}' },
} as const;

async function prices(): Promise<Subject> {
  const subject = await Subject.create(await testCluster(), {
    before: { mappings: PRICES.before },
    mappings: PRICES.after,
    migrations: PRICES.migrations,
  });
  await subject.fill(50, (n) => ({ n, price: `${n},50 EUR` }));
  return subject;
}

/** What is asked, whichever index, document or number it is about. */
const kindOf = ({ method, path, body }: FrontRequest): string => {
  const api = path.split('?')[0]?.replaceAll(/imt-[^/]*|twindex[^/]*|[\w-]{20,}/g, 'X') ?? '';
  return `${method} ${api} ${api === '/_aliases' ? body.toString().replaceAll(/\d+/g, '') : ''}`;
};

it.each([302, 401, 403] as const)(
  '%i to the first request of each kind ends no coordinator',
  async (status) => {
    const subject = await prices();
    const seen = new Set<string>();
    const front = await startFront({
      upstream: engineUrls[0],
      intercept: (request) => {
        const kind = kindOf(request);
        if (kind.includes('_nodes/_local') || seen.has(kind)) return undefined;
        seen.add(kind);
        return { type: 'answer', ...ANSWERS[status] };
      },
    });
    const through = await connect({ nodes: [front.url] });
    onTestFinished(async () => {
      await through.close();
      await front.close();
    });
    const running = subject.start('finalized', { maxWritePauseMs: 20_000 }, through);
    expect((await running.ended).phase).toBe('finalized');
    expect(seen.size).toBeGreaterThan(20);
    expect(running.notes.filter((note) => note.includes(`refused with ${status}`)).length).toBeGreaterThan(0);
    expect((await subject.documents(subject.target)).size).toBe(50);
  },
);

it('credentials that are changed in the configuration file are read again', async () => {
  const subject = await prices();
  const options: { upstream: string | undefined; auth: string } = {
    upstream: engineUrls[0],
    auth: 'ApiKey before',
  };
  const front = await startFront(options);
  const folder = await mkdtemp(join(tmpdir(), 'twindex-credentials-'));
  const write = (apiKey: string): Promise<void> =>
    writeFile(
      join(folder, 'twindex.config.json'),
      JSON.stringify({ cluster: { nodes: [front.url], auth: { apiKey } }, indexes: ['./indexes/*'] }),
    );
  await write('before');
  const { cluster } = await loadConfig({ cwd: folder, env: {}, withIndexes: false });
  const through = await connect(cluster);
  onTestFinished(async () => {
    await through.close();
    await front.close();
    await rm(folder, { recursive: true });
  });
  const running = subject.start('ready', { stay: true }, through);
  await subject.until('ready', ({ phase }) => phase === 'ready');
  await write('after');
  options.auth = 'ApiKey after';
  await subject.put('later', { n: 1, price: '1,50 EUR' });
  await subject.steer('finalize');
  expect((await running.ended).phase).toBe('finalized');
  expect((await subject.documents(subject.target)).size).toBe(51);
});
