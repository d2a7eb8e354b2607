// The pictures of docs/dashboard.md, from a real migration. Made only when asked for, on an engine of its own, which has no
// other migrations: TWINDEX_SCREENSHOTS=1 npx vitest run --project opensearch tests/integration/dashboard/screenshots.test.ts
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it, onTestFinished } from 'vitest';
import type { BrowserContextOptions } from 'playwright-core';
import { createTwindex } from '../../../src/index.js';
import { recordId, JOURNAL } from '../../../src/protocol/names.js';
import type { IndexInput } from '../../../src/schema/config.js';
import type { IndexDefinition } from '../../../src/schema/types.js';
import type { MigrationRecord } from '../../../src/protocol/record.js';
import { eventually } from '../../eventually.js';
import { deleteIndexesOf, engineUrls, testCluster } from '../engine.js';
import type { Subject } from '../migration/harness.js';
import { chromiumPath, enterToken, openDashboard, openPage, type Shown } from './browser.js';
import { livingRecord, putRecords } from './records.js';

const isAsked = Boolean(process.env['TWINDEX_SCREENSHOTS']) && chromiumPath !== undefined;
const FOLDER = new URL('../../../docs/images/', import.meta.url).pathname;
const DOCUMENTS = 40_000;
const NAME = 'catalogue';
const WORDS = ['lamp', 'chair', 'table', 'shelf', 'sofa', 'mirror', 'clock', 'desk', 'rug', 'vase'];

const WIDE: BrowserContextOptions = { viewport: { width: 1_240, height: 900 } };
const DARK: BrowserContextOptions = { ...WIDE, colorScheme: 'dark' };
const NARROW: BrowserContextOptions = { viewport: { width: 400, height: 860 } };

const settings = { number_of_shards: 1, number_of_replicas: 0 };
const definition: IndexDefinition = {
  name: NAME,
  version: 2,
  aliases: { read: `${NAME}-read`, write: `${NAME}-write` },
  settings,
  mappings: { properties: { title: { type: 'text' }, price: { type: 'double' } } },
  migrations: {
    2: {
      up: (doc) => ({ ...doc, price: Number(doc['price']) }),
      down: (doc) => ({ ...doc, price: String(doc['price']) }),
    },
  },
  file: 'indexes/catalogue.ts',
};

async function fill(): Promise<void> {
  const { connection } = await testCluster();
  await connection.json({
    method: 'PUT',
    path: `/${NAME}-v1`,
    body: {
      settings,
      mappings: { properties: { title: { type: 'text' }, price: { type: 'keyword' } } },
      aliases: { [`${NAME}-read`]: {}, [`${NAME}-write`]: {} },
    },
  });
  for (let from = 0; from < DOCUMENTS; from += 5_000) {
    const lines = Array.from({ length: 5_000 }, (_, n) => {
      const id = from + n;
      const title = `${WORDS[id % 10]} ${WORDS[(id * 7) % 10]} ${id}`;
      const price = id % 13_001 === 17 ? 'on request' : `${(id % 900) + 0.5}`;
      return `{"index":{"_id":"${id}"}}\n${JSON.stringify({ title, price })}\n`;
    });
    await connection.json({
      method: 'POST',
      path: `/${NAME}-write/_bulk`,
      query: { refresh: true },
      body: lines.join(''),
    });
  }
}

/** Searches of both indexes, until the test ends, so that their times are known. */
async function search(): Promise<void> {
  const { connection } = await testCluster();
  const ending = new AbortController();
  const body = { query: { match: { title: 'lamp chair' } } };
  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      for (const index of [`${NAME}-v1`, `${NAME}-v2`])
        await connection
          .send({ method: 'POST', path: `/${index}/_search`, body, repeat: 'never' })
          .catch(() => undefined);
      await sleep(40);
    }
  };
  const running = run();
  onTestFinished(async () => {
    ending.abort();
    await running;
  });
}

const others = (): MigrationRecord[] => {
  const progress = (done: number, total: number, rate: number) => ({
    task: 'copy',
    done,
    confirmed: done,
    total,
    rate,
    etaMs: ((total - done) / rate) * 1_000,
  });
  const copying = { state: 'copying', verified: false, goal: 'cutover' } as const;
  return [
    livingRecord('orders', { ...copying, progress: progress(8_120_400, 12_400_000, 21_480) }),
    livingRecord('customers', { readers: 'target', goal: 'cutover' }),
    livingRecord('reviews', { paused: true }),
    livingRecord('suppliers', { readers: 'target', leader: 'target', goal: 'switched' }),
    livingRecord('invoices', {
      stoppedBy: 'overlapAt10 is 0.71, and has to be 0.9',
      stoppedFor: 'acceptance',
      goal: 'cutover',
    }),
    ...Array.from({ length: 6 }, (_, n) =>
      n % 2 === 0
        ? livingRecord(`tenant-0${n + 1}`)
        : livingRecord(`tenant-0${n + 1}`, {
            ...copying,
            progress: progress(20_000 * n, 150_000, 3_200 + 170 * n),
          }),
    ),
  ];
};

describe.skipIf(!isAsked)('pictures', () => {
  it('of the list, of one migration, and of an action', async () => {
    onTestFinished(async () => {
      await deleteIndexesOf([NAME]);
      const { connection } = await testCluster();
      await connection.send({
        method: 'DELETE',
        path: `/${JOURNAL}/_doc/${encodeURIComponent(recordId(NAME))}`,
      });
    });
    await fill();
    await search();
    await putRecords(others());
    const { file: _, ...declared } = definition;
    const twindex = createTwindex({
      cluster: { nodes: engineUrls },
      indexes: [declared as unknown as IndexInput],
    });
    onTestFinished(() => twindex.close());
    await twindex.gateway({ port: 0 });
    const { url } = await openDashboard({ subjects: [{ definition } as Subject] });
    const run = twindex.migrate(NAME, {
      until: 'ready',
      stay: true,
      maxDocsPerSecond: 900,
      maxSlowdown: 100,
      leaseMs: 3_000,
      graceMs: 1_000,
    });
    run.catch(() => undefined);
    const address = `${url}/#/index/${NAME}`;
    const pages = {
      wide: await openPage(address, WIDE),
      dark: await openPage(address, DARK),
      narrow: await openPage(address, NARROW),
    };
    const status = () => twindex.status(NAME).catch(() => undefined);
    await eventually(
      'half is copied',
      async () => ((await status())?.evidence.copied ?? 0) > DOCUMENTS / 2,
      120_000,
    );
    await shoot(pages, 'copying');
    const list = {
      wide: await openPage(url, WIDE),
      dark: await openPage(url, DARK),
      narrow: await openPage(url, NARROW),
    };
    for (const page of Object.values(list)) await page.getByRole('link', { name: NAME }).waitFor();
    await shoot(list, 'list');
    await eventually('it is incomplete', async () => (await status())?.phase === 'incomplete', 120_000);
    await enterToken(pages.wide);
    await pages.wide.locator('details.document summary').first().click();
    await pages.wide.locator('pre').first().waitFor();
    const rejected = pages.wide.getByRole('region', { name: 'Rejected documents' });
    await rejected.screenshot({ path: `${FOLDER}dashboard-rejected.png` });
    await pages.wide.getByRole('button', { name: 'Finalize' }).click();
    await pages.wide.getByRole('dialog').waitFor();
    await pages.wide.screenshot({ path: `${FOLDER}dashboard-action.png` });
  });
});

async function shoot(pages: Readonly<Record<string, Shown>>, what: string): Promise<void> {
  for (const [kind, page] of Object.entries(pages))
    await page.screenshot({
      path: `${FOLDER}dashboard-${what}${kind === 'wide' ? '' : `-${kind}`}.png`,
      fullPage: what !== 'list' && kind !== 'narrow',
    });
}
