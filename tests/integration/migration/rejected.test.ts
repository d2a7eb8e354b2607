// Documents that the follower or the transform refuses.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { testCluster } from '../engine.js';
import { PRICES, Subject } from './harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

const KEYWORD = { properties: { n: { type: 'keyword' } } } as const;
const LONG = { properties: { n: { type: 'long' } } } as const;

async function expectAllOnSource(subject: Subject): Promise<void> {
  const aliases = Object.keys((await indexAliases(cluster, subject.source)) ?? {});
  expect(aliases).toEqual(expect.arrayContaining([`${subject.name}-read`, `${subject.name}-write`]));
  await subject.put('still-written', { n: '5', price: '5,00' });
}

describe('a document that the new mapping refuses', () => {
  it('is kept with the reason, holds the readers back, and no more once it is corrected', async () => {
    const subject = await Subject.create(cluster, { before: { mappings: KEYWORD }, mappings: LONG });
    await subject.fill(100, (n) => ({ n: `${n}` }));
    await subject.put('wrong', { n: 'seven' }, 'somewhere');
    const { ended } = subject.startPatient('cutover');
    const { phase, rejected } = await subject.until(
      'held back',
      (now) => /rejected/.test(now.record.message) && now.rejected.count > 0,
    );
    expect(['verifying', 'incomplete']).toContain(phase);
    expect(rejected.count).toBe(1);
    expect(rejected.first).toMatchObject([
      { id: 'wrong', routing: 'somewhere', reason: expect.stringMatching(/parsing.*\[n\]/) as string },
    ]);
    await sleep(1_000);
    expect((await subject.status()).record.readers).toBe('source');
    await expectAllOnSource(subject);

    await subject.put('wrong', { n: '7' }, 'somewhere');
    expect((await ended).phase).toBe('cutover');
    await subject.until('free of rejected documents', ({ rejected: { count } }) => count === 0);
    expect((await subject.documents(subject.target)).get('wrong somewhere')).toEqual({ n: '7' });
  });

  it('holds nothing back any more when it is deleted', async () => {
    const subject = await Subject.create(cluster, { before: { mappings: KEYWORD }, mappings: LONG });
    await subject.put('wrong', { n: 'seven' });
    const { ended } = subject.startPatient('finalized');
    await subject.until('held back', ({ record }) => /rejected/.test(record.message));
    await subject.delete('wrong');
    expect((await ended).phase).toBe('finalized');
    expect((await subject.documents(subject.target)).size).toBe(0);
  });
});

describe('a document that the transform throws at', () => {
  it('is kept with what was thrown', async () => {
    const subject = await Subject.create(cluster, {
      before: { mappings: PRICES.before },
      mappings: PRICES.after,
      migrations: PRICES.migrations,
    });
    await subject.fill(100, (n) => ({ n, price: `${n},50` }));
    await subject.put('no-price', { n: 1 });
    const { ended } = subject.startPatient('cutover');
    const { phase, rejected } = await subject.until(
      'held back',
      (now) => /rejected/.test(now.record.message) && now.rejected.count > 0,
    );
    expect(['verifying', 'incomplete']).toContain(phase);
    expect(rejected.first).toMatchObject([
      { id: 'no-price', routing: null, reason: expect.stringContaining('transform failed') as string },
    ]);
    await subject.put('no-price', { n: 1, price: '1,25' });
    expect((await ended).phase).toBe('cutover');
    expect((await subject.documents(subject.target)).get('no-price')).toEqual({ n: 1, price: 1.25 });
  });

  it('is tried again with a corrected transform when the migration is resumed', async () => {
    const subject = await Subject.create(cluster, {
      before: { mappings: PRICES.before },
      mappings: PRICES.after,
      migrations: PRICES.migrations,
    });
    await subject.put('no-price', { n: 1 });
    const first = subject.startPatient('cutover');
    await subject.until('held back', ({ record }) => /rejected/.test(record.message));
    await first.stop();
    subject.definition = {
      ...subject.definition,
      migrations: { 2: { up: (doc) => ({ price: 0, ...doc }) } },
    };
    expect((await subject.run('cutover')).phase).toBe('cutover');
    expect((await subject.documents(subject.target)).get('no-price')).toEqual({ price: 0, n: 1 });
  });
});

describe('with dropRejected', () => {
  it('the migration goes on without them, and the target keeps no older state of one', async () => {
    const subject = await Subject.create(cluster, { before: { mappings: KEYWORD }, mappings: LONG });
    await subject.fill(100, (n) => ({ n: `${n}` }));
    await subject.put('never-right', { n: 'seven' });
    const first = subject.start('ready', { dropRejected: true, stay: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    expect((await subject.documents(subject.target)).has('d3')).toBe(true);
    await subject.put('d3', { n: 'three' });
    await subject.until('refusing both', ({ rejected }) => rejected.count === 2);
    await first.stop();
    expect((await subject.run('switched', { dropRejected: true })).phase).toBe('switched');
    const documents = await subject.documents(subject.target);
    expect(documents.has('d3')).toBe(false);
    expect(documents.size).toBe(99);
    expect((await subject.run('finalized', { dropRejected: true })).phase).toBe('finalized');
  });
});

describe('more of them than maxRejected', () => {
  it('end the run, and nothing was changed for readers and writers', async () => {
    const subject = await Subject.create(cluster, { before: { mappings: KEYWORD }, mappings: LONG });
    await subject.fill(50, (n) => ({ n: `${n} pieces` }));
    await expect(subject.run('cutover', { maxRejected: 20 })).rejects.toMatchObject({
      code: 'too_many_rejected',
      message: expect.stringContaining('more than 20 documents are rejected') as string,
    });
    await subject.until('showing all that it keeps', ({ rejected: { count } }) => count === 20);
    await expectAllOnSource(subject);
    // the lease was handed back, so the migration can be aborted at once
    const running = subject.start('ready', { maxRejected: 20 });
    await running.ended.catch(() => undefined);
    expect((await subject.status()).record.holder).toBeNull();
  });
});
