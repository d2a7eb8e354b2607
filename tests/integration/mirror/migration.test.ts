// A whole migration with writers that come through two gateways, and one that comes past them: forth and back and forth.
// A write through a gateway never fails and is never refused; what was acknowledged is there.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { hasWriteBlock } from '../../../src/cluster/indices/hasWriteBlock.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { readLedger } from '../../../src/journal/ledger.js';
import { ledgerIndex } from '../../../src/protocol/names.js';
import { steer } from '../../../src/coordinator/migration/steering/sendCommand.js';
import { Workload } from '../../chaos/workload.js';
import { testCluster } from '../engine.js';
import { PRICES, Subject } from '../migration/harness.js';
import { Client, compareWith, liveOf, openWritersGateway, type RunningGateway } from './application.js';

const DOCUMENTS = 200;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

interface Scene {
  readonly subject: Subject;
  readonly gateways: readonly [RunningGateway, RunningGateway];
  readonly clients: readonly Client[];
}

/** Two old releases and two new ones, through either gateway. */
async function begin(shapes: readonly (1 | 2)[] = [1, 1, 2, 2]): Promise<Scene> {
  const subject = await Subject.create(cluster, {
    before: { settings: { number_of_shards: 2 }, mappings: PRICES.before },
    mappings: PRICES.after,
    migrations: PRICES.migrations,
  });
  await subject.fill(DOCUMENTS, (n) => ({ n, price: `${n},50 EUR` }));
  const gateways = [
    await openWritersGateway(cluster, subject.definition),
    await openWritersGateway(cluster, subject.definition),
  ] as const;
  const { read, write } = subject.definition.aliases;
  const clients = shapes.map(
    (shape, n) =>
      new Client({
        url: (gateways[n % 2] as RunningGateway).url,
        read,
        write,
        shape,
        named: shape === 2,
        name: `c${n}`,
        seed: n + 1,
      }),
  );
  return { subject, gateways, clients };
}

async function expectNothingLost(
  { subject, clients }: Scene,
  index: string,
  shape: 1 | 2,
  workload?: Workload,
): Promise<void> {
  await Promise.all([...clients.map((client) => client.stop()), workload?.stop()]);
  for (const client of clients) expect(client.failures).toEqual([]);
  for (const client of clients) expect(client.stale).toEqual([]);
  const documents = await subject.documents(index);
  expect(compareWith(clients, documents, shape)).toEqual([]);
  if (workload) {
    expect(await workload.compare(index)).toMatchObject({ lost: [], resurrected: [] });
    expect(workload.failures).toEqual([]);
  }
  expect(documents.size).toBe(DOCUMENTS + liveOf(clients) + (workload ? (workload.live ?? Number.NaN) : 0));
}

/** Aliases and indexes of twindex that are left. */
async function ourRemains({ subject: { name } }: Scene): Promise<string[]> {
  const found = await cluster.connection.json<Record<string, { aliases: Record<string, unknown> }>>({
    method: 'GET',
    path: '/*/_alias',
    query: { expand_wildcards: 'all' },
  });
  return Object.entries(found)
    .flatMap(([index, { aliases }]) => [index, ...Object.keys(aliases)])
    .filter((one) => one.startsWith(`twindex.${name}.`) || one.startsWith(`twindex-ledger-${name}-`))
    .filter((one) => !one.startsWith(`twindex.${name}.token.`));
}

/** Of every alias that writes go through, and of the index behind it. */
async function expectAllOn({ subject }: Scene, index: string): Promise<void> {
  const aliases = Object.keys((await indexAliases(cluster, index)) ?? {});
  expect(aliases).toEqual(expect.arrayContaining([`${subject.name}-read`, `${subject.name}-write`]));
  expect(await hasWriteBlock(cluster, index)).toBe(false);
}

describe('a migration with gateways', () => {
  it('goes forth and back and forth while they write both shapes, and no write of theirs fails', async () => {
    const scene = await begin();
    const { subject, clients } = scene;
    const [oldOnes, newOnes] = [clients.slice(0, 2), clients.slice(2)];
    for (const client of oldOnes) client.start();
    const { write } = subject.definition.aliases;
    const workload = new Workload(cluster, write, { documents: 150, pauseMs: 40 }).start(1);
    const running = subject.start('ready', { stay: true });
    const ready = await subject.until(
      'ready, mirroring',
      ({ phase, record }) => phase === 'ready' && record.writers.mode === 'mirror',
    );
    expect(ready.writers.map(({ type }) => type)).toEqual(['gateway', 'gateway']);
    for (const client of newOnes) client.start();
    for (const command of ['cutover', 'rollback', 'switch', 'rollback', 'switch'] as const) {
      expect(await subject.steer(command)).toMatchObject({ type: 'done' });
      await sleep(500);
    }
    const switched = await subject.until('settled', ({ record }) => record.writers.mode === 'mirror');
    await expectAllOn(scene, subject.target);
    expect(switched.record.epoch).toBe(ready.record.epoch + 3);
    expect(switched.record.evidence.writePauseMs).toHaveLength(3);
    for (const { migrations } of switched.writers) {
      expect(migrations[subject.name]?.mirrored).toBeGreaterThan(10);
      expect(migrations[subject.name]?.refused).toBe(0);
    }
    await running.stop();
    for (const client of clients) expect(client.acknowledged).toBeGreaterThan(20);
    await expectNothingLost(scene, subject.target, 2, workload);
    expect(switched.record.evidence.firstDifferences).toEqual([]);
  }, 600_000);

  it('is not finalized while documents of the old version are seen, and leaves nothing behind', async () => {
    const scene = await begin([1]);
    const { subject, clients } = scene;
    const client = (clients[0] as Client).start();
    const running = subject.start('switched', { stay: true });
    const switched = await subject.until(
      'switched, mirroring',
      ({ phase, record }) => phase === 'switched' && record.writers.mode === 'mirror',
    );
    const finalizing = steer(cluster, subject.name, 'finalize', { signal: AbortSignal.timeout(300_000) });
    await subject.until('waiting', ({ record }) =>
      record.message.startsWith('documents of version 1 are still written'),
    );
    const pruned = await subject.until(
      'pruned',
      ({ record }) => record.writers.pruned >= switched.record.writers.generation - 1,
    );
    const { epoch, writers } = pruned.record;
    await sleep(1_000);
    const left = await readLedger(cluster, ledgerIndex(subject.name, epoch));
    expect(left.filter(({ generation }) => generation <= writers.pruned)).toEqual([]);
    // the old release is gone: a new one writes through the same gateway
    await client.stop();
    const next = new Client({ ...client.options, shape: 2, name: 'next' });
    const version = { signal: AbortSignal.timeout(180_000), version: 2 };
    expect(await steer(cluster, subject.name, 'writers', version)).toMatchObject({ type: 'done' });
    next.start();
    expect(await finalizing).toMatchObject({ type: 'done', phase: 'finalized' });
    await running.ended;
    await expectNothingLost({ ...scene, clients: [client, next] }, subject.target, 2);
    expect(await ourRemains(scene)).toEqual([]);
    expect(await indexAliases(cluster, subject.source)).toBeUndefined();
  }, 600_000);
});
