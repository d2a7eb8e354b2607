// Optimistic concurrency: eight clients add to the same counters by compare-and-set through two gateways, while the index
// is migrated and taken back twice. A condition that held on one index must never hold by accident on the other.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { Random } from '../../simulation/random.js';
import { testCluster } from '../engine.js';
import { Subject } from '../migration/harness.js';
import { type Answered, openWritersGateway, request } from './application.js';

const CLIENTS = 8;
const COUNTERS = 5;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

class Adder {
  readonly #random: Random;
  readonly #url: string;
  readonly #write: string;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  added = 0;
  conflicts = 0;
  readonly failures: string[] = [];

  constructor(url: string, write: string, seed: number) {
    this.#url = url;
    this.#write = write;
    this.#random = new Random(seed);
  }

  start(): this {
    this.#running = this.#work();
    return this;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #work(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#add(`counter-${this.#random.int(0, COUNTERS - 1)}`);
      await sleep(this.#random.int(5, 30));
    }
  }

  /** As an application does: read, add, write on the condition that nobody has written meanwhile. */
  async #add(id: string): Promise<void> {
    const found = await request(this.#url, 'GET', `/${this.#write}/_doc/${id}`);
    if (found.status !== 200) return void this.failures.push(`get: ${JSON.stringify(found)}`);
    // time for a switch to come between
    if (this.#random.chance(0.1)) await sleep(this.#random.int(50, 500));
    const { _seq_no: seqNo, _primary_term: term, _source } = found.json;
    const document = { n: _source.n + 1 };
    const condition = { if_seq_no: seqNo, if_primary_term: term };
    const { status, json } = await this.#send(id, document, condition);
    if (status === 200) this.added++;
    else if (status === 409) this.conflicts++;
    else this.failures.push(`${status} ${JSON.stringify(json)}`);
  }

  async #send(
    id: string,
    document: { readonly n: number },
    condition: Readonly<Record<string, number>>,
  ): Promise<Answered> {
    const query = Object.entries(condition).map(([name, value]) => `${name}=${value}`);
    switch (this.#random.int(0, 2)) {
      case 0:
        return await request(this.#url, 'PUT', `/${this.#write}/_doc/${id}?${query.join('&')}`, document);
      case 1:
        return await request(this.#url, 'POST', `/${this.#write}/_update/${id}?${query.join('&')}`, {
          doc: { n: document.n },
        });
      default: {
        const lines = [{ index: { _id: id, ...condition } }, document].map((line) => JSON.stringify(line));
        const { status, json } = await request(
          this.#url,
          'POST',
          `/${this.#write}/_bulk`,
          `${lines.join('\n')}\n`,
        );
        return status === 200 ? { status: json.items[0].index.status, json } : { status, json };
      }
    }
  }
}

it('counters that are incremented by compare-and-set are exact after two migrations forth and back', async () => {
  const mappings = { properties: { n: { type: 'long' } } };
  const subject = await Subject.create(cluster, {
    before: { mappings },
    mappings: { properties: { n: { type: 'long' } }, dynamic: false },
  });
  const { write } = subject.definition.aliases;
  for (let n = 0; n < COUNTERS; n++) await subject.put(`counter-${n}`, { n: 0 });
  await subject.fill(50, (n) => ({ n }));
  const gateways = [
    await openWritersGateway(cluster, subject.definition),
    await openWritersGateway(cluster, subject.definition),
  ];
  const adders = Array.from({ length: CLIENTS }, (_, n) =>
    new Adder((gateways[n % 2] as { url: string }).url, write, n).start(),
  );
  const running = subject.start('ready', { stay: true });
  await subject.until('ready', ({ phase, record }) => phase === 'ready' && record.writers.mode === 'mirror');
  for (let turn = 0; turn < 2; turn++) {
    expect(await subject.steer('switch')).toMatchObject({ type: 'done', phase: 'switched' });
    await sleep(500);
    expect(await subject.steer('rollback')).toMatchObject({ type: 'done' });
    await sleep(300);
  }
  expect(await subject.steer('switch')).toMatchObject({ type: 'done', phase: 'switched' });
  await Promise.all(adders.map((adder) => adder.stop()));
  await running.stop();

  expect(adders.flatMap(({ failures }) => failures)).toEqual([]);
  const documents = await subject.documents(subject.target);
  const counted = Array.from({ length: COUNTERS }, (_, n) => Number(documents.get(`counter-${n}`)?.['n']));
  const sum = counted.reduce((a, b) => a + b, 0);
  const added = adders.reduce((total, adder) => total + adder.added, 0);
  expect(sum).toBe(added);
  expect(added).toBeGreaterThan(100);
  expect(adders.reduce((total, adder) => total + adder.conflicts, 0)).toBeGreaterThan(0);
}, 240_000);
