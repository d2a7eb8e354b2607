// A run that ends has brought the follower up to date, also where there was nothing left to be moved.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Gate } from '../../../src/coordinator/migration/runMigration.js';
import { testCluster } from '../engine.js';
import { Subject } from './harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

describe('the same command again, after writes that nobody has followed', () => {
  it.each<[Gate, number]>([
    ['ready', 1],
    ['cutover', 3],
    ['switched', 2],
  ])('--until %s --no-stay brings what was written and deleted', async (until, shards) => {
    const subject = await Subject.create(cluster, {
      before: { settings: { number_of_shards: 2 } },
      settings: { number_of_shards: shards },
    });
    await subject.fill(20, (n) => ({ n }));
    expect((await subject.run(until)).phase).toBe(until);
    const second = until === 'switched' ? subject.source : subject.target;
    for (const turn of [1, 2]) {
      await subject.delete(`d${turn}`);
      await subject.put(`d${turn + 10}`, { n: 100 * turn });
      await subject.put(`new${turn}`, { turn });
      expect((await subject.run(until)).phase).toBe(until);
      const first = second === subject.source ? subject.target : subject.source;
      expect(await subject.documents(second)).toEqual(await subject.documents(first));
      expect((await subject.documents(second)).size).toBe(20);
    }
  });

  it('does so when a delete is all there was', async () => {
    const subject = await Subject.create(cluster);
    await subject.fill(5, (n) => ({ n }));
    await subject.run('cutover');
    await subject.delete('d3');
    expect((await subject.run('cutover')).phase).toBe('cutover');
    expect([...(await subject.documents(subject.target)).keys()]).toEqual(['d0', 'd1', 'd2', 'd4']);
  });
});
