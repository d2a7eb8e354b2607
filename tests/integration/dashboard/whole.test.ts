// A whole migration, steered only from the page, while two gateways write.
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveGateway } from '../../../src/api/serveGateway.js';
import { testCluster } from '../engine.js';
import { Subject } from '../migration/harness.js';
import { act, chromiumPath, enterToken, openDashboard, openPage } from './browser.js';

/** A gateway with an application that writes through it. */
class Application {
  /** The documents as the engine has acknowledged them. */
  readonly acknowledged = new Map<string, number>();
  readonly refused: string[] = [];
  #isEnding = false;
  #running: Promise<void> | undefined;

  async begin(subject: Subject, prefix: string): Promise<void> {
    const declared = async () => ({ indexes: [subject.definition], families: [] });
    const project = { cluster: subject.cluster, defaults: {}, declared };
    const gateway = await serveGateway(project, { port: 0, standsBy: false, tell: () => undefined });
    onTestFinished(() => gateway.stop());
    onTestFinished(() => this.end());
    const headers = { 'content-type': 'application/json' };
    const send = async (method: string, id: string, n?: number): Promise<boolean> => {
      const body = n === undefined ? null : JSON.stringify({ n });
      const answer = await fetch(`${gateway.url}/${subject.name}-write/_doc/${id}`, {
        method,
        headers,
        body,
      });
      if (!answer.ok) this.refused.push(`${method} ${id}: ${answer.status} ${await answer.text()}`);
      return answer.ok;
    };
    this.#running = (async () => {
      for (let n = 0; !this.#isEnding; n++) {
        const id = `${prefix}${n % 500}`;
        if (n % 7 === 3 && this.acknowledged.has(id)) {
          if (await send('DELETE', id)) this.acknowledged.delete(id);
        } else if (await send('PUT', id, n)) this.acknowledged.set(id, n);
      }
    })();
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#running;
  }
}

describe.skipIf(chromiumPath === undefined)('a whole migration', () => {
  it('is steered from the page, with writers through two gateways, and nothing is refused or lost', async () => {
    const subject = await Subject.create(await testCluster(), {
      before: { mappings: { properties: { n: { type: 'long' } } } },
      mappings: { properties: { n: { type: 'integer' } } },
    });
    const { name, source, target } = subject;
    await subject.fill(2_000, (n) => ({ n }));
    const applications = [new Application(), new Application()];
    await Promise.all(applications.map((application, n) => application.begin(subject, `w${n}-`)));
    const running = subject.start('ready', { stay: true });
    const { url } = await openDashboard({ subjects: [subject] });
    await subject.until('begun', () => true);
    const page = await openPage(`${url}/#/index/${name}`);
    await page.locator('.badge', { hasText: 'ready' }).waitFor({ timeout: 120_000 });
    await page.getByText('Gateways write to both indexes.').waitFor({ timeout: 120_000 });
    await enterToken(page);
    const seen = (readers: string, writers: string) =>
      page
        .getByRole('img', { name: `Readers use ${readers}, writers use ${writers}.` })
        .waitFor({ timeout: 120_000 });
    await act(page, 'Cut over');
    await seen(target, source);
    await act(page, 'Switch');
    await seen(target, target);
    await page.getByRole('button', { name: 'Finalize', exact: true }).isEnabled();
    await act(page, 'Finalize', source);
    await running.ended;
    await page.locator('.badge', { hasText: 'finalized' }).waitFor();
    await Promise.all(applications.map((application) => application.end()));

    expect(applications.flatMap(({ refused }) => refused)).toEqual([]);
    const found = await subject.documents(target);
    const written = applications.flatMap(({ acknowledged }) => [...acknowledged]);
    expect(written.length).toBeGreaterThan(100);
    expect([...found].filter(([id]) => id.startsWith('w')).map(([id, doc]) => [id, doc['n']])).toEqual(
      written.sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    expect(found.size).toBe(2_000 + written.length);
  });
});
