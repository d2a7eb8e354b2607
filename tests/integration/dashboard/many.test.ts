// Many migrations: all are in the list, which can be searched, and is usable by keyboard and on a narrow screen.
import { describe, expect, it } from 'vitest';
import { randomName } from '../engine.js';
import { axeFindings, chromiumPath, openDashboard, openPage } from './browser.js';
import { livingRecord, putRecords } from './records.js';

const MANY = 200;

describe.skipIf(chromiumPath === undefined)('200 migrations', () => {
  it('are listed, those that need somebody first, and found by name', async () => {
    const prefix = randomName('tenant');
    const records = Array.from({ length: MANY }, (_, n) =>
      livingRecord(`${prefix}-${String(n).padStart(3, '0')}`, { paused: n === 150 }),
    );
    await putRecords(records);
    const { url } = await openDashboard();
    const page = await openPage(url);
    const search = page.getByRole('searchbox');
    const rows = page.locator('tbody tr');
    await page.keyboard.press('/');
    await page.keyboard.type(prefix);
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(MANY);
    expect(await rows.first().textContent()).toContain(`${prefix}-150`);
    expect(await axeFindings(page)).toEqual([]);
    await search.fill(`${prefix}-042`);
    await expect.poll(() => rows.count()).toBe(1);
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: /Needs attention/ }).click();
    await page.getByText('No migration matches.').waitFor();
    await search.fill(prefix);
    await expect.poll(() => rows.count()).toBe(1);
    await rows.first().getByRole('link').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: `${prefix}-150` }).waitFor();
  });

  it('fit on a narrow screen, without a scroll bar across', async () => {
    const name = randomName(`an-index-with-quite-a-long-name-${'x'.repeat(60)}`);
    await putRecords([livingRecord(name)]);
    const { url } = await openDashboard();
    const page = await openPage(url, { viewport: { width: 400, height: 800 } });
    const isTooWide = () =>
      page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
    await page.getByRole('searchbox').fill(name);
    await page.getByRole('link', { name }).waitFor();
    expect(await isTooWide()).toBe(false);
    await page.getByRole('link', { name }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    expect(await isTooWide()).toBe(false);
    expect(await axeFindings(page)).toEqual([]);
  });
});
