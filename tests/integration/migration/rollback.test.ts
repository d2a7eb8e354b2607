// The ways back, with writes going on.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { hasWriteBlock } from '../../../src/cluster/indices/hasWriteBlock.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { Mirror } from '../../../src/writers/mirror/mirror.js';
import { Workload } from '../../chaos/workload.js';
import { testCluster } from '../engine.js';
import { PRICES, Subject } from './harness.js';

const DOCUMENTS = 200;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

async function prices(): Promise<Subject> {
  const subject = await Subject.create(cluster, {
    before: { settings: { number_of_shards: 2 }, mappings: PRICES.before },
    mappings: PRICES.after,
    migrations: PRICES.migrations,
  });
  await subject.fill(DOCUMENTS, (n) => ({ n, price: `${n},50 EUR` }));
  return subject;
}

async function expectNothingLost(subject: Subject, workload: Workload, index: string): Promise<void> {
  await workload.stop();
  expect(await workload.compare(index)).toMatchObject({ lost: [], resurrected: [] });
  expect(workload.failures).toEqual([]);
  expect((await subject.documents(index)).size).toBe(DOCUMENTS + (workload.live ?? Number.NaN));
}

async function expectAllOn(subject: Subject, index: string): Promise<void> {
  const aliases = Object.keys((await indexAliases(cluster, index)) ?? {});
  expect(aliases).toEqual(expect.arrayContaining([`${subject.name}-read`, `${subject.name}-write`]));
  expect(await hasWriteBlock(cluster, index)).toBe(false);
}

describe('a rollback', () => {
  it('of the readers loses nothing', async () => {
    const subject = await prices();
    const workload = new Workload(cluster, `${subject.name}-write`).start();
    const running = subject.start('cutover', { stay: true });
    await subject.until('cut over', ({ phase }) => phase === 'cutover');
    expect(await subject.steer('rollback')).toMatchObject({ type: 'done' });
    await expectAllOn(subject, subject.source);
    await running.stop();
    await expectNothingLost(subject, workload, subject.source);
    expect(workload.refused).toBe(0);
  });

  it('of the writers brings what was written meanwhile through `down`', async () => {
    const subject = await prices();
    const workload = new Workload(cluster, `${subject.name}-write`).start();
    const running = subject.start('switched', { stay: true });
    await subject.until(
      'switched',
      ({ phase, record }) => phase === 'switched' && record.state === 'mirroring',
    );
    await subject.put('new', { n: 1, price: 3.25 });
    await subject.delete('d5');
    await sleep(500);
    expect(await subject.steer('rollback')).toMatchObject({ type: 'done' });
    await expectAllOn(subject, subject.source);
    await subject.delete('new');
    await subject.put('d5', { n: 5, price: '5,50 EUR' });
    await running.stop();
    await expectNothingLost(subject, workload, subject.source);
    // the workload may be just behind the switch, and v1 takes its numbers (docs/concepts.md)
    const texts = [...(await subject.documents(subject.source))].filter(([id]) => !/^w\d-/.test(id));
    expect(texts.length).toBeGreaterThan(10);
    expect(texts.filter(([, { price }]) => !/^\d+,\d\d EUR$/.test(String(price)))).toEqual([]);
  });

  it('says what it would lose, and goes back without it only when that is agreed to', async () => {
    const subject = await Subject.create(cluster, {
      before: { mappings: { properties: { n: { type: 'byte' } } } },
      mappings: { properties: { n: { type: 'integer' } } },
    });
    await subject.fill(20, (n) => ({ n }));
    const running = subject.start('switched', { stay: true });
    await subject.until(
      'switched',
      ({ phase, record }) => phase === 'switched' && record.state === 'mirroring',
    );
    await subject.put('d3', { n: 1_000 });
    await subject.put('d4', { n: 44 });
    await subject.until('refused', ({ rejected }) => rejected.count === 1);
    const back = subject.steer('rollback');
    const told = await subject.until('told', ({ record }) => record.message.includes('would lose'));
    expect(told.record).toMatchObject({ leader: 'target', readers: 'target' });
    await subject.steer('leaveOut', { leftOut: [{ id: 'd3', routing: null }] });
    expect(await back).toMatchObject({ type: 'done' });
    await expectAllOn(subject, subject.source);
    const documents = await subject.documents(subject.source);
    expect([documents.get('d3'), documents.get('d4')]).toEqual([{ n: 3 }, { n: 44 }]);
    // and the new index follows the old one again
    await subject.until('ready', ({ phase, rejected }) => phase === 'ready' && rejected.count === 0);
    await running.stop();
    expect(await subject.documents(subject.target)).toEqual(documents);
  });

  it('can be repeated: forth and back twice, then to the end', async () => {
    const subject = await prices();
    const workload = new Workload(cluster, `${subject.name}-write`).start();
    const running = subject.start('ready', { stay: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    for (let turn = 0; turn < 2; turn++) {
      expect(await subject.steer('switch')).toMatchObject({ type: 'done', phase: 'switched' });
      await sleep(300);
      expect(await subject.steer('rollback')).toMatchObject({ type: 'done' });
      await sleep(300);
    }
    expect(await subject.steer('finalize')).toMatchObject({ type: 'done', phase: 'finalized' });
    const { record } = await running.ended;
    await expectNothingLost(subject, workload, subject.target);
    await expectAllOn(subject, subject.target);
    expect(record.evidence.firstDifferences).toEqual([]);
    expect(record.evidence.differences).toBe(0);
    expect(record.evidence.writePauseMs).toHaveLength(5);
  });
});

describe('a rollback of the writers', () => {
  /** Longer than any test waits: whoever waits for it twice is found out. */
  const ENDLESS_MS = 3_600_000;

  it('returns when everybody is back, and does not wait until the new index is kept in sync again', async () => {
    const subject = await prices();
    await subject.run('switched');
    // handed back with every answer, so that this coordinator has nothing to wait for but its own switch
    const running = subject.start('switched', { stay: true, graceMs: ENDLESS_MS });
    await subject.until('coordinated', ({ record: { holder } }) => holder !== null);
    expect(await subject.steer('rollback')).toMatchObject({ type: 'done', record: { state: 'settling' } });
    await expectAllOn(subject, subject.source);
    const { record } = await subject.until('told', ({ record: { message } }) =>
      message.includes('(--grace)'),
    );
    expect(record.message).toMatch(
      /^\S+-v2 is kept in sync again from .* readers and writers are on \S+-v1$/,
    );
    const moves = running.notes.filter((note) => note.startsWith('readers'));
    expect(moves).toEqual([
      `readers are on ${subject.source}, writers on ${subject.target}`,
      `readers and writers are on ${subject.source}`,
    ]);
    await running.stop();
  });

  it('that comes before the grace is over says until when it waits, and where everybody is meanwhile', async () => {
    const subject = await prices();
    const running = subject.start('switched', { stay: true, graceMs: 20_000 });
    await subject.until('settling', ({ record }) => record.state === 'settling');
    const back = subject.steer('rollback');
    const { record } = await subject.until('told', ({ record: { message } }) => message.includes('rollback'));
    expect(record.message).toMatch(
      /^the rollback continues at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: .*-v1 \(--grace\)\. readers and writers are on \S+-v2$/,
    );
    expect(record.state).toBe('settling');
    expect(await back).toMatchObject({ type: 'done', record: { leader: 'source', readers: 'source' } });
    await expectAllOn(subject, subject.source);
    await running.stop();
  });

  it('does not wait for the grace once more where gateways write both indexes', async () => {
    const subject = await prices();
    const mirror = await Mirror.start({
      cluster,
      definitions: [subject.definition],
      type: 'gateway',
      onWarning: () => undefined,
    });
    onTestFinished(() => mirror.stop());
    const running = subject.start('switched', { stay: true });
    const { record } = await subject.until(
      'switched',
      ({ phase, record: now }) => phase === 'switched' && now.state === 'mirroring',
    );
    // the writers of ours mirror from the end of the grace on, and not after a further one
    expect(record.writers.mode).toBe('mirror');
    await running.stop();
  });
});

describe('abort', () => {
  it('removes the follower and leaves the aliases of the leader as they were', async () => {
    const subject = await prices();
    const before = await indexAliases(cluster, subject.source);
    const running = subject.start('ready', { stay: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    expect(await subject.steer('abort')).toMatchObject({ type: 'done', phase: 'aborted' });
    expect((await running.ended).phase).toBe('aborted');
    expect(await indexAliases(cluster, subject.target)).toBeUndefined();
    expect(await indexAliases(cluster, subject.source)).toEqual(before);
    await expect(subject.steer('finalize')).rejects.toMatchObject({ code: 'not_found' });
    // and it can be begun anew
    expect((await subject.run('ready')).phase).toBe('ready');
  });

  it('leaves the leader as it was after a rollback of the writers', async () => {
    const subject = await prices();
    const before = await indexAliases(cluster, subject.source);
    const running = subject.start('switched', { stay: true });
    await subject.until(
      'switched',
      ({ phase, record }) => phase === 'switched' && record.state === 'mirroring',
    );
    await subject.steer('rollback');
    await subject.steer('abort');
    await running.ended;
    expect(await indexAliases(cluster, subject.source)).toEqual(before);
    const settings = await subject.json<Record<string, { settings: { index: object } }>>(
      'GET',
      `/${subject.source}/_settings`,
    );
    expect(settings[subject.source]?.settings.index).not.toHaveProperty('gc_deletes');
    expect(settings[subject.source]?.settings.index).not.toHaveProperty('blocks');
  });

  it('is refused when the readers are on the follower', async () => {
    const subject = await prices();
    const running = subject.start('cutover', { stay: true });
    await subject.until('cut over', ({ phase }) => phase === 'cutover');
    await expect(subject.steer('abort')).rejects.toMatchObject({ code: 'unsafe' });
    await running.stop();
    expect(Object.keys((await indexAliases(cluster, subject.target)) ?? {})).toContain(
      `${subject.name}-read`,
    );
  });
});
