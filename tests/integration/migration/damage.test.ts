// What the verification finds when somebody writes to the follower behind the migration's back.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { indexRouting } from '../../../src/cluster/indices/indexRouting.js';
import { shardOf } from '../../../src/protocol/shardOf.js';
import type { MigrationRecord } from '../../../src/protocol/record.js';
import { Workload } from '../../chaos/workload.js';
import { testCluster } from '../engine.js';
import { pathOf, PRICES, Subject } from './harness.js';

const DOCUMENTS = 200;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

/** Copied, in sync and verified, with nobody who coordinates. */
async function copied(): Promise<Subject> {
  const subject = await Subject.create(cluster, {
    before: { settings: { number_of_shards: 2 }, mappings: PRICES.before },
    settings: { number_of_shards: 3 },
    mappings: PRICES.after,
    migrations: PRICES.migrations,
  });
  await subject.fill(DOCUMENTS, (n) => ({ n, price: `${n},50 EUR` }));
  await subject.put('routed', { n: 1, price: '1,50 EUR' }, 'somewhere');
  await subject.run('ready');
  return subject;
}

interface Found {
  readonly _version: number;
  readonly _source: Record<string, unknown>;
}

async function damage(subject: Subject, id: string, change: (found: Found) => object): Promise<void> {
  const path = pathOf(subject.target, '_doc', id);
  // the version as the engine writes it: it has more digits than a double
  const { body } = await subject.send('GET', path);
  const version = /"_version":(\d+)/.exec(body.toString())?.[1];
  const found = JSON.parse(body.toString()) as Found;
  await subject.json('PUT', `${path}?version_type=external_gte&version=${version}`, change(found));
}

async function verified(subject: Subject): Promise<MigrationRecord> {
  const running = subject.start('ready', { stay: true });
  await subject.until('coordinated', ({ record }) => record.holder !== null);
  const { record } = await subject.steer('verify');
  await running.stop();
  return record;
}

async function expectMended(subject: Subject, differences: number, reconciled: number): Promise<void> {
  const before = (await subject.status()).record.evidence;
  const record = await verified(subject);
  expect(record.evidence.differences - before.differences).toBe(differences);
  expect(record.evidence.repaired - before.repaired).toBe(differences);
  expect(record.evidence.deletesReconciled - before.deletesReconciled).toBe(reconciled);
  const documents = await subject.documents(subject.target);
  expect(documents.size).toBe(DOCUMENTS + 1);
  for (let n = 0; n < DOCUMENTS; n++) expect(documents.get(`d${n}`)).toEqual({ n, price: n + 0.5 });
  expect(documents.get('routed somewhere')).toEqual({ n: 1, price: 1.5 });
  expect((await subject.run('switched')).phase).toBe('switched');
}

describe('damage to the follower', () => {
  it('in a field, under the right version, is found and repaired', async () => {
    const subject = await copied();
    await damage(subject, 'd1', ({ _source }) => ({ ..._source, price: 99 }));
    await damage(subject, 'd2', ({ _source }) => ({ ..._source, more: null }));
    await damage(subject, 'd3', () => ({}));
    await expectMended(subject, 3, 0);
  });

  it('by a document that is missing is found and repaired', async () => {
    const subject = await copied();
    await subject.json('DELETE', `/${subject.target}/_doc/d1`);
    await subject.json('DELETE', `/${subject.target}/_doc/d2`);
    await expectMended(subject, 2, 0);
  });

  it('that can not be repaired keeps the readers where they are, and is said', async () => {
    const subject = await copied();
    const foreign = `version_type=external&version=${2n ** 62n}`;
    await subject.json('DELETE', `/${subject.target}/_doc/d1?${foreign}`);
    await subject.json('PUT', `/${subject.target}/_doc/d2?${foreign}`, { n: -2 });
    const running = subject.start('ready', { stay: true });
    await subject.until('coordinated', ({ record }) => record.holder !== null);
    const asked = subject.steer('verify').catch(() => undefined);
    const stuck = await subject.until('stuck', ({ record }) => /can't be repaired/.test(record.message));
    expect(stuck.phase).toBe('verifying');
    expect(stuck.record.message).toContain('2 documents');
    expect(stuck.record.evidence).toMatchObject({ differences: 2, repaired: 0 });
    await running.stop();
    await asked;
  });

  it('by a document that only it has is found and removed', async () => {
    const subject = await copied();
    await subject.json('PUT', `/${subject.target}/_doc/extra`, { n: 1 });
    await subject.json('PUT', `/${subject.target}/_doc/routed-extra?routing=r`, { n: 1 });
    await expectMended(subject, 0, 2);
  });

  it('by a write without our versions is found and repaired', async () => {
    const subject = await copied();
    await subject.json('PUT', `/${subject.target}/_doc/d1`, { n: -1, price: 0 });
    await subject.json('PUT', `/${subject.target}/_doc/d2`, { n: -2 });
    // what is written afterwards arrives all the same
    await subject.put('d1', { n: 1, price: '1,50 EUR' });
    await expectMended(subject, 1, 0);
  });

  it('by copies on other shards is found and removed', async () => {
    const subject = await copied();
    const layout = await indexRouting(cluster, subject.target);
    for (let n = 0; n < 8; n++) {
      const id = `d${n}`;
      const routing = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].find(
        (other) => shardOf({ id, routing: other }, layout) !== shardOf({ id, routing: undefined }, layout),
      );
      await subject.json('PUT', pathOf(subject.target, '_doc', id, routing), { n: 1 });
    }
    const { phase } = await subject.run('switched');
    expect(phase).toBe('switched');
    const documents = await subject.documents(subject.target);
    expect([...documents.keys()]).toHaveLength(DOCUMENTS + 1);
    for (let n = 0; n < 8; n++) expect(documents.get(`d${n}`)).toEqual({ n, price: n + 0.5 });
  });
});

describe('an undamaged follower', () => {
  it('has no differences, however much is written meanwhile', async () => {
    const subject = await copied();
    const workload = new Workload(cluster, `${subject.name}-write`).start(3);
    await verified(subject);
    await verified(subject);
    const { record } = await subject.run('finalized');
    await workload.stop();
    expect(record.evidence).toMatchObject({ differences: 0, repaired: 0 });
    expect(record.evidence.compared).toBeGreaterThan(3 * DOCUMENTS);
    expect(await workload.compare(subject.target)).toMatchObject({ lost: [], resurrected: [] });
  });
});
