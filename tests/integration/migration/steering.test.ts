// A migration steered from elsewhere, disturbed by somebody, and fought for by two coordinators.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { addWriteBlock } from '../../../src/cluster/indices/addWriteBlock.js';
import { hasWriteBlock } from '../../../src/cluster/indices/hasWriteBlock.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { isClosed } from '../../../src/cluster/indices/isClosed.js';
import { EventBus } from '../../../src/events.js';
import { loadRecord } from '../../../src/journal/journal.js';
import { Effects } from '../../../src/coordinator/migration/succession/effects.js';
import { swapToken } from '../../../src/coordinator/migration/succession/fence.js';
import { takeRecord } from '../../../src/coordinator/migration/succession/takeover.js';
import { testCluster } from '../engine.js';
import { PRICES, Subject } from './harness.js';
import { eventually } from '../../eventually.js';

const DOCUMENTS = 200;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

async function prices(): Promise<Subject> {
  const subject = await Subject.create(cluster, {
    before: { mappings: PRICES.before },
    mappings: PRICES.after,
    migrations: PRICES.migrations,
  });
  await subject.fill(DOCUMENTS, (n) => ({ n, price: `${n},50 EUR` }));
  return subject;
}

describe('a running migration', () => {
  it('does nothing while it is paused, and goes on when it is resumed', async () => {
    const subject = await prices();
    const running = subject.start('ready', { stay: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    expect(await subject.steer('pause')).toMatchObject({ type: 'done', record: { paused: true } });
    await subject.until('said to be paused', ({ record }) => record.message === 'paused');
    const { cursors } = (await subject.status()).record;
    await subject.put('later', { n: 1, price: '1,50 EUR' });
    const { heartbeat } = (await subject.status()).record;
    await subject.until('beating twice', ({ record }) => record.heartbeat > heartbeat + 1);
    expect((await subject.status()).record.cursors).toEqual(cursors);
    expect((await subject.documents(subject.target)).size).toBe(DOCUMENTS);
    expect(await subject.steer('resume')).toMatchObject({ type: 'done', record: { paused: false } });
    expect(await subject.steer('cutover')).toMatchObject({ type: 'done', phase: 'cutover' });
    expect((await subject.documents(subject.target)).size).toBe(DOCUMENTS + 1);
    await running.stop();
  });

  it('that nobody coordinates is told so, and carries it out when it goes on', async () => {
    const subject = await prices();
    await subject.run('ready');
    expect(await subject.steer('cutover')).toMatchObject({ type: 'nobodyCoordinates' });
    const { ended } = subject.start('ready', { stay: true });
    await subject.until('cut over', ({ phase }) => phase === 'cutover');
    expect(await subject.steer('finalize')).toMatchObject({ type: 'done', phase: 'finalized' });
    expect((await ended).phase).toBe('finalized');
  });

  it('takes off a write block that somebody left on either index', async () => {
    const subject = await prices();
    const running = subject.start('ready', { stay: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    await addWriteBlock(cluster, subject.source, 5_000);
    await addWriteBlock(cluster, subject.target, 5_000);
    await expect.poll(() => hasWriteBlock(cluster, subject.source), { timeout: 20_000 }).toBe(false);
    await expect.poll(() => hasWriteBlock(cluster, subject.target), { timeout: 20_000 }).toBe(false);
    await subject.put('later', { n: 1, price: '1,50 EUR' });
    await running.stop();
    await subject.run('finalized');
    expect((await subject.documents(subject.target)).size).toBe(DOCUMENTS + 1);
    expect(running.notes.filter((note) => note.includes('write block'))).toHaveLength(2);
  });

  it('keeps the leader closed where it is asked to', async () => {
    const subject = await prices();
    const { record } = await subject.run('finalized', { keepMs: 3_600_000 });
    expect(await isClosed(cluster, subject.source)).toBe(true);
    expect(await indexAliases(cluster, subject.source)).toEqual({});
    expect(Date.parse(record.keptUntil ?? '') - Date.now()).toBeGreaterThan(3_000_000);
    expect((await subject.documents(subject.target)).size).toBe(DOCUMENTS);
  });
});

describe('a second coordinator', () => {
  it('is refused as soon as the first is seen alive', async () => {
    const subject = await prices();
    const running = subject.start('ready', { stay: true, leaseMs: 10_000 });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    await subject.steer('pause');
    const asked = subject.run('finalized');
    await expect(asked).rejects.toMatchObject({ code: 'lease_held' });
    expect((await subject.status()).record.goal).toBe('ready');
    await running.stop();
  });

  it('that takes over keeps the first from moving aliases', async () => {
    const subject = await prices();
    const running = subject.start('ready', { stay: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    // more than once, as the first one writes the record too
    const handle = await takeFrom(subject);
    const effects = new Effects(cluster, handle, new EventBus());
    await swapToken(cluster, effects);
    await expect(running.ended).rejects.toMatchObject({ code: 'lease_held' });
    const aliases = Object.keys((await indexAliases(cluster, subject.source)) ?? {});
    expect(aliases.sort()).toEqual([`${subject.name}-read`, `${subject.name}-write`]);
    await handle.save({ holder: null });
    expect((await subject.run('finalized')).phase).toBe('finalized');
    expect((await subject.documents(subject.target)).size).toBe(DOCUMENTS);
  });

  it('that has swapped the token makes every alias call of the first fail as a whole', async () => {
    const subject = await prices();
    await subject.run('ready');
    const found = await loadRecord(cluster, subject.name);
    if (!found) throw new Error('no record');
    const stale = new Effects(cluster, await takeRecord(cluster, found.source, found), new EventBus());
    await swapToken(cluster, stale);
    const next = await loadRecord(cluster, subject.name);
    if (!next) throw new Error('no record');
    await swapToken(
      cluster,
      new Effects(cluster, await takeRecord(cluster, next.source, next), new EventBus()),
    );
    const { source: index, name } = subject;
    const moved = stale.aliases('test', [{ remove: { index, alias: `${name}-read` } }]);
    await expect(moved).rejects.toMatchObject({ code: 'fenced' });
    expect(Object.keys((await indexAliases(cluster, index)) ?? {})).toContain(`${name}-read`);
    await expect(swapToken(cluster, stale)).rejects.toMatchObject({ code: 'fenced' });
    await expect(stale.handle.save({ message: 'mine' })).rejects.toMatchObject({ code: 'fenced' });
  });
});

async function takeFrom(subject: Subject): Promise<Awaited<ReturnType<typeof takeRecord>>> {
  const take = async () => {
    const found = await loadRecord(cluster, subject.name);
    if (!found) throw new Error('no record');
    return takeRecord(cluster, found.source, found).catch(() => undefined);
  };
  return eventually('the record is taken', take, 60_000);
}
