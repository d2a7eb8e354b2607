// Documents whose routing changes during the migration, where the two indexes put documents into shards in different ways.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { indexRouting } from '../../../src/cluster/indices/indexRouting.js';
import { shardOf } from '../../../src/protocol/shardOf.js';
import { testCluster } from '../engine.js';
import { Subject } from './harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

const MAPPINGS = { properties: { n: { type: 'long' } } } as const;
const COUNT = 500;
const MOVED = 30;

async function between(first: number, second: number): Promise<Subject> {
  return await Subject.create(cluster, {
    before: { settings: { number_of_shards: first }, mappings: MAPPINGS },
    settings: { number_of_shards: second },
    mappings: MAPPINGS,
  });
}

const bulkOf = (ids: readonly string[], routing: string | undefined): string =>
  ids
    .map(
      (_id, n) =>
        `${JSON.stringify({ index: { _id, ...(routing === undefined ? {} : { routing }) } })}\n{"n":${n}}\n`,
    )
    .join('');

const idsUpTo = (count: number): string[] => Array.from({ length: count }, (_, n) => `d${n}`);

/** A routing in another shard of v1. */
async function elsewhere(subject: Subject, than: string | undefined, id: string): Promise<string> {
  const routing = await indexRouting(cluster, subject.source);
  const from = shardOf({ id, routing: than }, routing);
  const found = Array.from({ length: 50 }, (_, n) => `r${n + 1}`).find(
    (one) => routing.shards === 1 || shardOf({ id, routing: one }, routing) !== from,
  );
  return found as string;
}

async function expectSame(subject: Subject): Promise<void> {
  const [ours, theirs] = await Promise.all([
    subject.documents(subject.source),
    subject.documents(subject.target),
  ]);
  expect([...theirs]).toEqual([...ours]);
}

describe('documents that are deleted and written again under another routing', () => {
  it.each([
    [5, 1],
    [2, 3],
    [1, 2],
    [3, 3],
  ])('are all there, from %i shards to %i', async (first, second) => {
    const subject = await between(first, second);
    const write = subject.definition.aliases.write;
    const ids = idsUpTo(COUNT);
    await subject.json('POST', `/${write}/_bulk`, bulkOf(ids, 'r0'));
    const running = subject.start('cutover', { stay: true });
    await subject.until('cut over', ({ phase }) => phase === 'cutover');
    const next = await elsewhere(subject, 'r0', 'd0');
    const moved = ids.slice(0, MOVED);
    for (const id of moved) await subject.delete(id, 'r0');
    await subject.json('POST', `/${write}/_bulk`, bulkOf(moved, next));
    // there and back, without a routing, and one that only goes
    await subject.delete('d0', next);
    await subject.put('d0', { n: 100 }, 'r0');
    await subject.delete('d1', next);
    await subject.put('d1', { n: 101 });
    await subject.delete('d2', next);
    await subject.json('POST', `/${write}/_update/d3?routing=${next}`, { doc: { n: 103 } });
    await subject.steer('switch');
    await subject.until('switched', ({ phase }) => phase === 'switched');
    const documents = await subject.documents(subject.target);
    expect(documents.size).toBe(COUNT - 1);
    expect(documents.get('d0 r0')).toEqual({ n: 100 });
    expect(documents.get('d1')).toEqual({ n: 101 });
    expect(documents.get(`d3 ${next}`)).toEqual({ n: 103 });
    for (const id of moved.slice(4)) expect(documents.has(`${id} ${next}`)).toBe(true);
    // the way back: v2 is written, v1 is kept in sync
    await subject.delete('d4', next);
    await subject.put('d4', { n: 104 }, 'r0');
    await subject.steer('rollback');
    await subject.until('back', ({ record }) => record.leader === 'source' && record.state === 'mirroring');
    await running.stop();
    const back = await subject.documents(subject.source);
    expect(back.get('d4 r0')).toEqual({ n: 104 });
    expect(back.size).toBe(COUNT - 1);
  });
});

it('one id under two routings that would meet is a rejected document, until one is deleted', async () => {
  const subject = await between(5, 1);
  await subject.put('d', { n: 1 }, 'r0');
  const other = await elsewhere(subject, 'r0', 'd');
  await subject.put('d', { n: 2 }, other);
  const running = subject.start('cutover', { stay: true });
  const { record } = await subject.until('held back', ({ rejected }) => rejected.count === 1);
  expect(record.readers).toBe('source');
  await subject.delete('d', 'r0');
  await subject.until('cut over', ({ phase }) => phase === 'cutover');
  await running.stop();
  expect([...(await subject.documents(subject.target))]).toEqual([[`d ${other}`, { n: 2 }]]);
});

it('what somebody writes to v2 under another routing is repaired to what v1 has', async () => {
  const subject = await between(2, 1);
  await subject.fill(20, (n) => ({ n }));
  const running = subject.start('ready', { stay: true });
  await subject.until('verified', ({ record }) => record.verified);
  await subject.json('PUT', `/${subject.target}/_doc/d4?routing=zz`, { n: 1 });
  await subject.steer('verify');
  await subject.until('verified again', ({ record }) => record.verified);
  await running.stop();
  await expectSame(subject);
});
