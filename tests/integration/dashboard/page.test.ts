// The dashboard in short: its list, one migration, a pause through to the engine, and who is refused.
import { describe, expect, it } from 'vitest';
import { OWN_HEADER } from '../../../src/dashboard/requestGuard.js';
import { lastCommand } from '../../../src/journal/commands.js';
import { readPageFiles } from '../../../src/dashboard/pageFiles.js';
import { randomName, testCluster } from '../engine.js';
import { Subject } from '../migration/harness.js';
import { act, axeFindings, chromiumPath, enterToken, openDashboard, openPage, TOKEN } from './browser.js';
import { livingRecord, putRecords } from './records.js';

async function readySubject(): Promise<Subject> {
  const subject = await Subject.create(await testCluster(), {
    before: { mappings: { properties: { n: { type: 'long' } } } },
  });
  await subject.fill(50, (n) => ({ n }));
  subject.start('ready', { stay: true });
  await subject.until('ready', ({ phase }) => phase === 'ready');
  return subject;
}

describe.skipIf(chromiumPath === undefined)('the page', () => {
  it('lists a migration, shows it, and pauses it', async () => {
    const subject = await readySubject();
    const { url } = await openDashboard({ subjects: [subject] });
    const page = await openPage(url);
    await page.getByRole('searchbox').fill(subject.name);
    await page.getByRole('link', { name: subject.name }).click();
    await page.getByRole('heading', { level: 1, name: subject.name }).waitFor();
    expect(new URL(page.url()).hash).toBe(`#/index/${subject.name}`);
    await page
      .getByRole('img', { name: `Readers use ${subject.source}, writers use ${subject.source}.` })
      .waitFor();
    expect(await axeFindings(page)).toEqual([]);

    await enterToken(page);
    await act(page, 'Pause');
    await subject.until('paused', ({ record }) => record.paused);
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await page.getByText('pause is done').waitFor();
  });
});

describe('the server', () => {
  const steer = async (
    url: string,
    name: string,
    headers: Record<string, string> = {},
    verb = 'pause',
  ): Promise<number> => {
    const all = {
      'content-type': 'application/json',
      [OWN_HEADER]: '1',
      authorization: `Bearer ${TOKEN}`,
      ...headers,
    };
    return (
      await fetch(`${url}/api/migrations/${name}/${verb}`, { method: 'POST', headers: all, body: '{}' })
    ).status;
  };

  it('refuses whoever has no token, comes from elsewhere, or does not type the name, and changes nothing', async () => {
    const name = randomName('dash');
    await putRecords([livingRecord(name)]);
    const { url } = await openDashboard();
    expect(await steer(url, name, { authorization: '' })).toBe(401);
    expect(await steer(url, name, { authorization: `Bearer ${TOKEN}x` })).toBe(401);
    expect(await steer(url, name, { origin: 'http://evil.example' })).toBe(403);
    expect(await steer(url, name, { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await steer(url, name, { 'content-type': 'text/plain' })).toBe(415);
    expect(await steer(url, name, { [OWN_HEADER]: '' })).toBe(403);
    expect(await steer(url, name, {}, 'finalize')).toBe(409);
    expect(await steer(url, name, {}, 'writers')).toBe(404);
    expect(await steer(url, 'no-such-name')).toBe(404);
    expect(await lastCommand(await testCluster(), name)).toBe(0);
  });

  it('reads without a token on this machine only', async () => {
    const here = await openDashboard();
    const { url } = await openDashboard({ host: '0.0.0.0' });
    const open = url.replace('0.0.0.0', '127.0.0.1');
    const read = async (base: string, headers: Record<string, string> = {}): Promise<number> => {
      const ending = new AbortController();
      const { status } = await fetch(`${base}/api/events`, { headers, signal: ending.signal });
      ending.abort();
      return status;
    };
    expect(await read(here.url)).toBe(200);
    expect(await read(open)).toBe(401);
    expect(await read(open, { authorization: `Bearer ${TOKEN}` })).toBe(200);
    expect((await fetch(`${open}/`)).headers.get('content-security-policy')).toContain("default-src 'none'");
    await expect(openDashboard({ host: '0.0.0.0', hasToken: false })).rejects.toMatchObject({
      code: 'usage',
    });
  });

  it('sends less than 100 KB for the whole page', async () => {
    const files = [...(await readPageFiles())].filter(([path]) => !path.endsWith('.txt'));
    expect(files.map(([path]) => path)).toContain('/');
    const bytes = files.reduce((sum, [, { zipped }]) => sum + zipped.length, 0);
    expect(bytes).toBeLessThan(100_000);
  });
});
