// A transform that makes something else of a document each time: what can't be compared is not equal.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { newTally } from '../../../src/protocol/replication.js';
import { openReplication, shapesOf } from '../../../src/coordinator/migration/duties/openReplication.js';
import type { Migration } from '../../../src/schema/types.js';
import { checkIndexes } from '../../../src/coordinator/verify/checkIndexes.js';
import { testCluster } from '../engine.js';
import { Subject } from './harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

/** Of the documents with an even number. */
const up: Migration['up'] = (doc) => ((doc['n'] as number) % 2 === 0 ? { ...doc, by: randomUUID() } : doc);

describe('documents of which the transform makes something else each time', () => {
  it('hold the readers back until that is accepted by name, and verify counts them', async () => {
    const subject = await Subject.create(cluster, { migrations: { 2: { up } } });
    await subject.fill(20, (n) => ({ n }));
    const running = subject.start('cutover', { stay: true });
    const { record } = await subject.until('held back', (now) =>
      now.record.message.includes('nonDeterministic: 10 documents'),
    );
    expect(record).toMatchObject({ readers: 'source', evidence: { differences: 0, nonDeterministic: 10 } });
    expect(record.message).toMatch(
      /10 documents could not be compared[^]*cutover .* --force nonDeterministic/,
    );

    const shapes = shapesOf(cluster, subject.definition, record);
    const replication = await openReplication(cluster, record, shapes, newTally());
    const { signal } = new AbortController();
    const result = await checkIndexes({ cluster, record, replication, level: 'content', signal });
    expect(result).toMatchObject({ compared: 20, equal: 10, nonDeterministic: 10, different: 0, missing: 0 });

    const steered = await subject.steer('cutover', { force: ['nonDeterministic'] });
    expect(steered).toMatchObject({ type: 'done', phase: 'cutover' });
    await running.stop();
  });

  it('go on where the index file accepts so many', async () => {
    const subject = await Subject.create(cluster, { migrations: { 2: { up } } });
    await subject.fill(4, (n) => ({ n }));
    subject.definition = { ...subject.definition, acceptance: { nonDeterministic: 2 } };
    expect((await subject.run('cutover')).phase).toBe('cutover');
  });
});
