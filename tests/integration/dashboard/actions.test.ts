// Every action of the page, through to a real engine.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { getIndexes } from '../../../src/cluster/indices/getIndex.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { testCluster } from '../engine.js';
import { PRICES, Subject } from '../migration/harness.js';
import {
  act,
  axeFindings,
  chromiumPath,
  enterToken,
  openDashboard,
  openPage,
  type Shown,
} from './browser.js';

const plain = async (documents = 50): Promise<Subject> => {
  const subject = await Subject.create(await testCluster(), {
    before: { mappings: { properties: { n: { type: 'long' } } } },
  });
  await subject.fill(documents, (n) => ({ n }));
  return subject;
};

async function steeringPage(subject: Subject): Promise<Shown> {
  const { url } = await openDashboard({ subjects: [subject] });
  const page = await openPage(`${url}/#/index/${subject.name}`);
  await page.getByRole('heading', { level: 1, name: subject.name }).waitFor();
  await enterToken(page);
  return page;
}

const aliasesOf = async ({ cluster }: Subject, index: string): Promise<string[]> =>
  Object.keys((await indexAliases(cluster, index)) ?? {})
    .filter((alias) => !alias.startsWith('twindex.'))
    .sort();

/** The picture says where readers and writers are. */
const seen = (page: Shown, readers: string, writers: string): Promise<void> =>
  page.getByRole('img', { name: `Readers use ${readers}, writers use ${writers}.` }).waitFor();

describe.skipIf(chromiumPath === undefined)('from the page', () => {
  it('a migration goes forth and back, and to its end', async () => {
    const subject = await plain();
    const { name, source, target, cluster } = subject;
    const running = subject.start('ready', { stay: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    const page = await steeringPage(subject);
    const [read, write] = [`${name}-read`, `${name}-write`];

    await act(page, 'Cut over');
    await seen(page, target, source);
    expect(await aliasesOf(subject, target)).toEqual([read]);
    await act(page, 'Roll back');
    await seen(page, source, source);
    expect(await aliasesOf(subject, source)).toEqual([read, write]);
    await act(page, 'Switch');
    await seen(page, target, target);
    expect(await aliasesOf(subject, target)).toEqual([read, write]);
    await act(page, 'Roll back');
    await seen(page, source, source);
    await act(page, 'Cut over');
    await seen(page, target, source);
    await act(page, 'Switch');
    await seen(page, target, target);

    await page.getByRole('button', { name: 'Finalize', exact: true }).click();
    const dialog = page.getByRole('dialog');
    const confirm = dialog.getByRole('button', { name: 'Finalize', exact: true });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByLabel(/Type .* to confirm it/).fill(target);
    expect(await confirm.isDisabled()).toBe(true);
    expect(await axeFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await act(page, 'Finalize', source);
    await running.ended;
    expect(await getIndexes(cluster, source)).toEqual([]);
    expect(await aliasesOf(subject, target)).toEqual([read, write]);
    await page.locator('.badge', { hasText: 'finalized' }).waitFor();
    expect((await subject.documents(target)).size).toBe(50);
  });

  it('the copy is slowed down, and let go again', async () => {
    const subject = await plain(2_000);
    subject.start('ready', { stay: true, throttle: { maxDocsPerSecond: 20 } });
    await subject.until('copying', ({ record }) => record.state === 'copying');
    const page = await steeringPage(subject);
    await page.getByRole('button', { name: 'Throttle' }).click();
    const dialog = page.getByRole('dialog');
    const most = dialog.getByLabel(/Documents per second at most/);
    expect(await most.inputValue()).toBe('20');
    await most.fill('30');
    await dialog.getByRole('button', { name: 'Throttle' }).click();
    await subject.until('slowed down', ({ record }) => record.throttle.maxDocsPerSecond === 30);
    await page.getByText('30 documents/s at most: set by --max-docs').first().waitFor();
    await page.getByRole('button', { name: 'Throttle' }).click();
    await most.fill('');
    await dialog.getByRole('button', { name: 'Throttle' }).click();
    await subject.until('ready', ({ phase }) => phase === 'ready');
  });

  it('a migration is paused, resumed and given up', async () => {
    const subject = await plain();
    const { source, target, cluster } = subject;
    const running = subject.start('ready', { stay: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    const page = await steeringPage(subject);
    await act(page, 'Pause');
    await subject.until('paused', ({ record }) => record.paused);
    await act(page, 'Resume');
    await subject.until('going on', ({ record }) => !record.paused);
    await act(page, 'Abort', target);
    await running.ended;
    expect(await getIndexes(cluster, target)).toEqual([]);
    expect(await aliasesOf(subject, source)).toEqual([`${subject.name}-read`, `${subject.name}-write`]);
    await page.locator('.badge', { hasText: 'aborted' }).waitFor();
  });

  it('a migration that nobody coordinates is coordinated by the dashboard', async () => {
    const subject = await plain();
    await subject.run('ready');
    const page = await steeringPage(subject);
    await act(page, 'Cut over');
    await seen(page, subject.target, subject.source);
    await page.getByText('cutover is done').waitFor();
    await subject.put('later', { n: 1 });
    await expect
      .poll(async () => (await subject.documents(subject.target)).has('later'), { timeout: 60_000 })
      .toBe(true);
  });

  it('a move that is refused says why, and a wrong token is asked for again', async () => {
    const subject = await plain();
    subject.start('ready', { stay: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    const { url } = await openDashboard({ subjects: [subject] });
    const page = await openPage(`${url}/#/index/${subject.name}`);
    await page.getByRole('button', { name: 'Pause' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Token of this dashboard').fill('this-is-not-the-token');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await dialog.getByText('the token is wrong').waitFor();
    expect((await subject.status()).record.paused).toBe(false);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  it('shows a rejected document before and after the transform', async () => {
    const subject = await Subject.create(await testCluster(), {
      before: { mappings: PRICES.before },
      mappings: PRICES.after,
      migrations: { 2: { up: (doc) => ({ ...doc, price: doc['price'] === 'dear' ? 'much' : 1 }) } },
    });
    await subject.fill(3, (n) => ({ n, price: n === 1 ? 'dear' : '1' }));
    subject.start('ready', { stay: true });
    await subject.until('incomplete', ({ phase }) => phase === 'incomplete');
    const page = await steeringPage(subject);
    await page.getByText('1 document; 1 blocks the next move').waitFor();
    await page.locator('details.document summary').click();
    await page.locator('pre', { hasText: '"price": "dear"' }).waitFor();
    await page.locator('pre', { hasText: '"price": "much"' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('shows the top tens of both indexes side by side', async () => {
    const subject = await plain(20);
    const folder = await mkdtemp(join(tmpdir(), 'twindex-searches-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const queries = join(folder, 'queries.ndjson');
    const search = {
      path: `/${subject.name}-read/_search`,
      body: { query: { range: { n: { gte: 15 } } }, sort: ['n'] },
    };
    await writeFile(queries, `${JSON.stringify(search)}\n`);
    subject.start('ready', { stay: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    subject.definition = { ...subject.definition, queries };
    const page = await steeringPage(subject);
    await page.getByRole('button', { name: 'Compare the top ten hits now' }).click();
    await page.locator('details.search summary').click();
    const row = page.locator('table.hits tbody tr').first();
    await row.waitFor();
    expect(await row.locator('td').allTextContents()).toEqual(['1', 'd15', 'd15']);
    expect(await axeFindings(page)).toEqual([]);
  });
});
