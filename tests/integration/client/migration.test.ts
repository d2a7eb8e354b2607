// A whole migration while applications write through the official clients: no write fails, and what was acknowledged is
// there.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { testCluster } from '../engine.js';
import { Subject } from '../migration/harness.js';
import { call, KINDS, openTwindex } from './clients.js';

type Client = Awaited<ReturnType<typeof openTwindex>>;

/** One after the other, and each document is written by one application only: so it knows what has to be there. */
class Application {
  readonly live = new Map<string, number>();
  readonly failures: unknown[] = [];
  readonly #client: Client;
  readonly #index: string;
  readonly #name: string;
  #stopped = false;
  #ended: Promise<void> | undefined;

  constructor(client: Client, index: string, name: string) {
    this.#client = client;
    this.#index = index;
    this.#name = name;
  }

  start(): this {
    this.#ended = this.#run();
    return this;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
  }

  async #run(): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      await this.#write(n).catch((error: unknown) => this.failures.push(error));
      await sleep(20);
    }
  }

  async #write(n: number): Promise<void> {
    const index = this.#index;
    const id = `${this.#name}-${n % 40}`;
    switch (n % 4) {
      case 0:
        await call(this.#client, 'index', { index, id, document: { n } });
        this.live.set(id, n);
        return;
      case 1:
        await call(this.#client, 'index', { index, id, document: { n: 0 } });
        await call(this.#client, 'update', { index, id, doc: { n } });
        this.live.set(id, n);
        return;
      case 2: {
        const operations = [
          { index: { _id: id } },
          { n },
          { delete: { _id: `${this.#name}-${(n - 2) % 40}` } },
        ];
        const { body } = await call(this.#client, 'bulk', { index, operations });
        const [first] = body.items;
        if (first.index.status > 201) throw new Error(JSON.stringify(body));
        this.live.set(id, n);
        this.live.delete(`${this.#name}-${(n - 2) % 40}`);
        return;
      }
      default:
        await call(this.#client, 'index', { index, id, document: { n } });
        await call(this.#client, 'delete', { index, id });
        this.live.delete(id);
    }
  }
}

it('loses nothing, and no write fails', async () => {
  const subject = await Subject.create(await testCluster(), {
    before: { mappings: { properties: { n: { type: 'integer' } } } },
    mappings: { properties: { n: { type: 'long' } } },
  });
  await subject.fill(100, (n) => ({ n }));
  const clients = await Promise.all(KINDS.map((kind) => openTwindex(kind, subject.definition)));
  const applications = clients.map((client, n) =>
    new Application(client, subject.definition.aliases.write, `a${n}`).start(),
  );

  const running = subject.start('switched', { stay: true });
  const switched = await subject.until(
    'switched, mirroring',
    ({ phase, record }) => phase === 'switched' && record.writers.mode === 'mirror',
  );
  expect(switched.writers.map(({ type }) => type)).toEqual(['client', 'client']);
  expect(await subject.steer('finalize')).toMatchObject({ type: 'done', phase: 'finalized' });
  await running.ended;

  await Promise.all(applications.map((application) => application.stop()));
  expect(applications.flatMap(({ failures }) => failures)).toEqual([]);
  const documents = await subject.documents(subject.target);
  for (let n = 0; n < 100; n++) documents.delete(`d${n}`);
  const expected = applications.flatMap(({ live }) => [...live].map(([id, n]) => [id, { n }] as const));
  expect(Object.fromEntries(documents)).toEqual(Object.fromEntries(expected));
}, 240_000);
