// A dashboard in this process, before the engine of the tests, and its page in a real browser.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, expect, onTestFinished } from 'vitest';
import { type Dashboard, startDashboard } from '../../../src/dashboard/dashboardServer.js';
import type { Project } from '../../../src/api/project.js';
import { testCluster } from '../engine.js';
import type { Subject } from '../migration/harness.js';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
];

/** `CHROMIUM`, or where systems have it; undefined if this machine has none. */
export const chromiumPath = [process.env['CHROMIUM'] ?? '', ...PLACES].find(
  (path) => path !== '' && existsSync(path),
);

if (chromiumPath === undefined)
  console.warn(
    'no Chromium was found, so the tests of the page are skipped: install it, or name it in CHROMIUM',
  );

export const TOKEN = 'token-of-the-dashboard-in-tests';

export interface Opened extends Dashboard {
  /** The lines that it has told. */
  readonly log: readonly string[];
  readonly tokenFile: string;
}

interface Given {
  readonly subjects?: readonly Subject[];
  readonly host?: string;
  readonly port?: number;
  /** False: nobody can steer. */
  readonly hasToken?: boolean;
}

/** Stopped when the test ends. */
export async function openDashboard({
  subjects = [],
  host = '127.0.0.1',
  port = 0,
  hasToken = true,
}: Given = {}): Promise<Opened> {
  const cluster = await testCluster();
  const folder = await mkdtemp(join(tmpdir(), 'twindex-dashboard-'));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, `${TOKEN}\n`);
  const indexes = subjects.map(({ definition }) => definition);
  const project: Project = { cluster, defaults: {}, declared: async () => ({ indexes, families: [] }) };
  const log: string[] = [];
  const dashboard = await startDashboard({
    project,
    host,
    port,
    tokenFile: hasToken ? tokenFile : undefined,
    tell: (line) => log.push(line),
  });
  onTestFinished(async () => {
    await dashboard.stop();
    await rm(folder, { recursive: true });
  });
  return { ...dashboard, log, tokenFile };
}

let browser: Promise<Browser> | undefined;

afterAll(async () => {
  await (await browser)?.close();
  browser = undefined;
});

const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath as string,
    args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'],
  });

export interface Shown extends Page {
  /** Everything that a page must not do: errors, violations of its policy, requests to other hosts. */
  readonly faults: string[];
}

/** Closed when the test ends, which then fails if the page has done anything that it must not do. */
export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<Shown> {
  browser ??= launch();
  const context = await (await browser).newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  const { host } = new URL(url);
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // a connection that is lost, and a token that is refused, are said by the browser itself
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (new URL(request.url()).host !== host) faults.push(`request to ${request.url()}`);
    if (request.url().includes(TOKEN)) faults.push(`the token is in an address: ${request.url()}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(faults).toEqual([]);
  });
  page.setDefaultTimeout(30_000);
  await page.goto(url);
  return Object.assign(page, { faults });
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** The serious findings of axe, one line each. */
export async function axeFindings(page: Page): Promise<string[]> {
  // by the protocol of the browser, since the policy of the page allows no script from elsewhere
  const session = await page.context().newCDPSession(page);
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  await evaluate(`${await readFile(AXE, 'utf8')}; undefined`);
  const { violations } = (await evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResult;
  await session.detach();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}: ${failureSummary}`),
    );
}

/** Gives the page its token. */
export async function enterToken(page: Page, token = TOKEN): Promise<void> {
  await page.getByRole('button', { name: 'Enter token' }).click();
  await page.getByLabel('Token', { exact: true }).fill(token);
  await page.getByRole('button', { name: 'Use this token' }).click();
}

/** Asks for an action by its dialog. */
export async function act(page: Page, title: string, typed?: string): Promise<void> {
  await page.getByRole('button', { name: title, exact: true }).click();
  const dialog = page.getByRole('dialog');
  if (typed !== undefined) await dialog.getByLabel(/Type .* to confirm it/).fill(typed);
  await dialog.getByRole('button', { name: title, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}
