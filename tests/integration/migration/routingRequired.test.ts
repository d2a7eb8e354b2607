// An index that demands a routing, and documents without one.
import { beforeAll, describe, expect, it } from 'vitest';
import { checkRouting } from '../../../src/plan/checks/routing.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { getIndexes, type LiveIndex } from '../../../src/cluster/indices/getIndex.js';
import { refresh } from '../../../src/cluster/indices/refresh.js';
import { getDocs } from '../../../src/documents/getDocs.js';
import type { JsonObject } from '../../../src/json/jsonTypes.js';
import { testCluster } from '../engine.js';
import { Subject } from './harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

const DEMANDED = { _routing: { required: true }, properties: { n: { type: 'long' } } } as const;
const FREE = { properties: { n: { type: 'long' } } } as const;

async function findingsOf(subject: Subject, mappings: JsonObject) {
  await refresh(cluster, subject.source);
  const [source] = (await getIndexes(cluster, subject.source)) as [LiveIndex];
  const schema = { settings: {}, mappings };
  const target = { index: subject.target, ...schema };
  const { definition } = subject;
  return await checkRouting({ cluster, sourceCluster: cluster, definition, schema, source, target });
}

describe('a new index that demands a routing, which documents do not have', () => {
  it('is a finding of the plan, with how many they are', async () => {
    const subject = await Subject.create(cluster, { before: { mappings: FREE } });
    await subject.put('a', { n: 1 }, 'r');
    expect(await findingsOf(subject, DEMANDED)).toEqual([]);
    await subject.put('b', { n: 2 });
    await subject.put('c', { n: 3 });
    expect(await findingsOf(subject, DEMANDED)).toMatchObject([
      { check: 'routing', level: 'warn', message: expect.stringMatching(/^2 of 3 documents/) as string },
    ]);
    expect(await findingsOf(subject, FREE)).toEqual([]);
  });

  it.each(['client', 'server'] as const)(
    'rejects them on the route %s, and goes on when they have one',
    async (route) => {
      const subject = await Subject.create(cluster, {
        before: { mappings: FREE },
        mappings: DEMANDED,
        route,
      });
      await subject.put('a', { n: 1 }, 'r');
      await subject.put('b', { n: 2 });
      const { ended, notes } = subject.startPatient('finalized');
      const { rejected, record } = await subject.until(
        'held back',
        (now) => now.rejected.count > 0 && /1 document is rejected/.test(now.record.message),
      );
      expect(rejected.first).toMatchObject([
        { id: 'b', reason: expect.stringMatching(/^routing_missing/) as string },
      ]);
      expect(record.readers).toBe('source');
      expect(notes.join('\n')).not.toContain('trying again');

      await subject.delete('b');
      await subject.put('b', { n: 2 }, 'r');
      expect((await ended).phase).toBe('finalized');
      expect(await subject.documents(subject.target)).toEqual(
        new Map([
          ['a r', { n: 1 }],
          ['b r', { n: 2 }],
        ]),
      );
    },
  );

  it('goes on without them where they may be dropped', async () => {
    const subject = await Subject.create(cluster, { before: { mappings: FREE }, mappings: DEMANDED });
    await subject.put('a', { n: 1 }, 'r');
    await subject.put('b', { n: 2 });
    expect((await subject.run('finalized', { dropRejected: true })).phase).toBe('finalized');
    expect(await subject.documents(subject.target)).toEqual(new Map([['a r', { n: 1 }]]));
  });
});

describe('an old index that demands a routing', () => {
  it('rejects what the new one has without, and holds the way back until that is given up', async () => {
    const subject = await Subject.create(cluster, { before: { mappings: DEMANDED }, mappings: FREE });
    await subject.put('a', { n: 1 }, 'r');
    expect(await findingsOf(subject, FREE)).toMatchObject([{ check: 'routing', level: 'info' }]);
    const running = subject.start('switched', { stay: true });
    await subject.until(
      'switched',
      ({ phase, record }) => phase === 'switched' && record.state === 'mirroring',
    );
    await subject.put('b', { n: 2 });
    const { rejected } = await subject.until('rejecting it', (now) => now.rejected.count === 1);
    expect(rejected.first[0]?.reason).toMatch(/^routing_missing/);
    await subject.delete('b');
    await subject.until('free of it', (now) => now.rejected.count === 0);
    expect(await subject.steer('rollback')).toMatchObject({ type: 'done' });
    expect(await subject.documents(subject.source)).toEqual(new Map([['a r', { n: 1 }]]));
    await running.stop();
  });
});

describe('documents that are asked for by key', () => {
  it('are missing where the index demands a routing that they do not have', async () => {
    const subject = await Subject.create(cluster, { before: { mappings: DEMANDED } });
    await subject.put('a', { n: 1 }, 'r');
    const keys = [undefined, 'r', 'other'].map((routing) => ({ id: 'a', routing }));
    const docs = await getDocs(cluster, subject.source, keys, { source: true });
    expect(docs.map(({ found }) => found)).toEqual([false, true, true]);
  });

  it('can be asked of no index that is closed, or gone: that is said at once', async () => {
    const subject = await Subject.create(cluster, { before: { mappings: FREE } });
    const keys = [{ id: 'a', routing: undefined }];
    await subject.json('POST', `/${subject.source}/_close`);
    await expect(getDocs(cluster, subject.source, keys, { source: true })).rejects.toMatchObject({
      code: 'failed',
      engineType: 'index_closed_exception',
    });
    await expect(getDocs(cluster, subject.target, keys, { source: true })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
