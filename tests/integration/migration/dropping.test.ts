// A transform that drops documents: there the counts of the two indexes prove nothing.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { testCluster } from '../engine.js';
import { Subject } from './harness.js';

const KEPT = 150;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

const MAPPINGS = { properties: { n: { type: 'long' }, old: { type: 'boolean' } } } as const;

/** Half of the documents are dropped. */
async function halfDropped(): Promise<Subject> {
  const subject = await Subject.create(cluster, {
    before: { settings: { number_of_shards: 2 }, mappings: MAPPINGS },
    mappings: MAPPINGS,
    migrations: {
      2: {
        up: (doc) => (doc['old'] === true ? null : { ...doc, up: true }),
        down: ({ up: _up, ...doc }) => doc,
      },
    },
  });
  await subject.fill(2 * KEPT, (n) => ({ n, old: n % 2 === 1 }));
  return subject;
}

describe('a transform that drops documents', () => {
  it('gives an index without them, and the switch is proved by the ids', async () => {
    const subject = await halfDropped();
    const running = subject.start('cutover', { stay: true });
    await subject.until('cut over', ({ phase }) => phase === 'cutover');
    await subject.delete('d0');
    // from kept to dropped, and back
    await subject.put('d2', { n: 2, old: true });
    await subject.put('d1', { n: 1, old: false });
    await subject.steer('switch');
    await running.stop();
    const documents = await subject.documents(subject.target);
    expect(documents.size).toBe(KEPT - 2 + 1);
    expect(documents.has('d2')).toBe(false);
    expect(documents.get('d1')).toEqual({ n: 1, old: false, up: true });
    const { phase, record } = await subject.run('finalized');
    expect(phase).toBe('finalized');
    expect(record.drops).toBe(true);
  });

  it('finds what only the follower has', async () => {
    const subject = await halfDropped();
    await subject.run('cutover');
    await subject.json('PUT', `/${subject.target}/_doc/extra`, { n: 1, up: true });
    // as many as before
    await subject.delete('d0');
    await subject.run('switched');
    const documents = await subject.documents(subject.target);
    expect(documents.size).toBe(KEPT - 1);
    expect(documents.has('extra')).toBe(false);
  });

  it('leaves the dropped documents in the leader when the writers are taken back', async () => {
    const subject = await halfDropped();
    await subject.run('switched');
    const running = subject.start('switched', { stay: true });
    await subject.until('coordinated', ({ record }) => record.holder !== null);
    await subject.put('d4', { n: 44, old: false, up: true });
    await subject.delete('d6');
    await subject.put('new', { n: 9, old: false, up: true });
    await subject.steer('rollback');
    await running.stop();
    const documents = await subject.documents(subject.source);
    expect(documents.size).toBe(2 * KEPT - 1 + 1);
    expect(documents.get('d3')).toEqual({ n: 3, old: true });
    expect(documents.get('d4')).toEqual({ n: 44, old: false });
    expect(documents.get('new')).toEqual({ n: 9, old: false });
    expect(documents.has('d6')).toBe(false);
  });
});
