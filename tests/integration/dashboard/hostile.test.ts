// Names and texts with markup in them are shown as they are, and nothing in them is carried out.
import { describe, expect, it } from 'vitest';
import { randomName, testCluster } from '../engine.js';
import { Subject } from '../migration/harness.js';
import { chromiumPath, enterToken, openDashboard, openPage } from './browser.js';
import { livingRecord, putRecords } from './records.js';

const MARKUP = '<img src=x onerror=alert(1)><script>alert(2)</script>';

describe.skipIf(chromiumPath === undefined)('markup', () => {
  it('in the name, the indexes and all texts of a migration is only text', async () => {
    const name = `${randomName('dash')}${MARKUP}`;
    await putRecords([
      livingRecord(name, {
        message: `waits for ${MARKUP}`,
        holder: { id: 'c', host: MARKUP, pid: 1, user: MARKUP },
        halted: { for: 'aliases', text: MARKUP },
        throttled: MARKUP,
        history: [
          {
            at: new Date().toISOString(),
            what: MARKUP,
            by: MARKUP,
            twindex: '',
            why: MARKUP,
            evidence: null,
          },
        ],
        evidence: { ...livingRecord(name).evidence, firstDifferences: [MARKUP] },
        emptyAliases: [MARKUP],
      }),
    ]);
    const { url } = await openDashboard();
    const page = await openPage(url);
    await page.getByRole('searchbox').fill(name);
    await page.getByRole('link', { name }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.getByText(`waits for ${MARKUP}`).waitFor();
    expect(await page.locator('img[src=x], main script').count()).toBe(0);
    expect(await page.title()).toBe(`${name} – twindex`);
  });

  it('in a document that the engine rejects is only text', async () => {
    const subject = await Subject.create(await testCluster(), {
      before: { mappings: { properties: { n: { type: 'keyword' } } } },
      mappings: { properties: { n: { type: 'long' } } },
    });
    await subject.put(encodeURIComponent(MARKUP).slice(0, 400), { n: MARKUP });
    subject.start('ready', { stay: true });
    await subject.until('incomplete', ({ phase }) => phase === 'incomplete');
    const { url } = await openDashboard({ subjects: [subject] });
    const page = await openPage(`${url}/#/index/${subject.name}`);
    await page.getByRole('heading', { level: 1, name: subject.name }).waitFor();
    await enterToken(page);
    await page.locator('details.document summary').click();
    await page.locator('pre', { hasText: 'onerror' }).first().waitFor();
    expect(await page.locator('img[src=x], main script').count()).toBe(0);
  });

  it('in an address shows a name that nobody knows', async () => {
    const { url } = await openDashboard();
    const page = await openPage(`${url}/#/index/${encodeURIComponent(MARKUP)}`);
    await page.getByText('No migration of this name is known to this cluster.').waitFor();
    expect(await page.locator('img[src=x], main script').count()).toBe(0);
  });
});

describe('many requests at once that read from the engine', () => {
  it('are refused beyond a limit, and served again afterwards', async () => {
    const { url } = await openDashboard();
    const read = async () => (await fetch(`${url}/api/history/nobody`)).status;
    const alone = await read();
    const statuses = await Promise.all(Array.from({ length: 60 }, read));
    expect(new Set(statuses)).toEqual(new Set([alone, 503]));
    expect(await read()).toBe(alone);
  });
});

describe('a request', () => {
  it('that is too large, malformed or for a file elsewhere is refused, and the next one is served', async () => {
    const { url } = await openDashboard();
    const status = async (path: string, init: RequestInit = {}) =>
      (await fetch(`${url}${path}`, init)).status;
    const large = { method: 'POST', body: 'x'.repeat(100_000) };
    for (const path of [
      '/../package.json',
      '/..%2fpackage.json',
      '/assets/../../package.json',
      '/api/%E0%A4/pause',
    ])
      expect(await status(path)).toBe(404);
    expect(await status('/api/migrations/a/pause', large)).toBe(403);
    expect(await status('/api/history/%E0%A4')).toBe(400);
    expect(await status('/', { method: 'DELETE' })).toBe(405);
    expect(await status('/', { headers: { 'x-long': 'x'.repeat(20_000) } })).toBe(431);
    expect(await status('/-/health')).toBe(200);
  });
});
