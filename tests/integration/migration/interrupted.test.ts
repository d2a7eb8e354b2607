// A copy that is interrupted: what of it has to be copied again.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { whyNoReindex } from '../../../src/cluster/reindex/hasReindex.js';
import { loadRecord } from '../../../src/journal/journal.js';
import { steer } from '../../../src/coordinator/migration/steering/sendCommand.js';
import { testCluster } from '../engine.js';
import { type Running, Subject } from './harness.js';
import { eventually } from '../../eventually.js';

const DOCUMENTS = 9_000;
const MAPPING = { properties: { n: { type: 'long' } } } as const;
const PER_SECOND = 100;
/** Of work. */
const MOST_LOST = 10 * PER_SECOND;
const WAIT_MS = 270_000;

let cluster: Cluster;
let noReindex: string | undefined;

beforeAll(async () => {
  cluster = await testCluster();
  noReindex = await whyNoReindex(cluster);
});

async function slowCopy(route: 'client' | 'server', maxDocsPerSecond: number) {
  const subject = await Subject.create(cluster, { before: { mappings: MAPPING }, mappings: MAPPING, route });
  await subject.fill(DOCUMENTS, (n) => ({ n }));
  return { subject, running: subject.start('ready', { throttle: { maxDocsPerSecond } }) };
}

/** Waits until so many documents are on the target, whether they are confirmed or not. */
async function copied(subject: Subject, running: Running, documents: number): Promise<number> {
  let found = 0;
  const areCopied = async (): Promise<boolean> => {
    found = await indexed(subject.target);
    if (found < documents && running.isStopped()) throw new Error(`only ${found} were copied`);
    return found >= documents;
  };
  await eventually(() => `${documents} documents are copied; ${found} are`, areCopied, WAIT_MS);
  return found;
}

async function indexed(index: string): Promise<number> {
  const { status, body } = await cluster.connection.send({
    method: 'GET',
    path: `/${index}/_stats/indexing`,
  });
  if (status !== 200) return 0;
  type Stats = { _all: { primaries: { indexing?: { index_total: number } } } };
  return (JSON.parse(body.toString()) as Stats)._all.primaries.indexing?.index_total ?? 0;
}

/** Documents up to the cursors that are saved: each was written once, so they are as many as the operations. */
async function saved(subject: Subject): Promise<number> {
  const record = (await loadRecord(cluster, subject.name))?.source;
  return (record?.cursors ?? []).reduce((sum, cursor) => sum + cursor + 1, 0);
}

describe.each(['client', 'server'] as const)(
  'a throttled copy by the route %s that is interrupted',
  (route) => {
    it('loses no more than ten seconds of work, and goes on behind it', async (context) => {
      context.skip(route === 'server' && noReindex !== undefined, noReindex);
      const { subject, running } = await slowCopy(route, PER_SECOND);
      const before = await copied(subject, running, 1.5 * MOST_LOST);
      await running.stop();
      expect(before - (await saved(subject))).toBeLessThanOrEqual(MOST_LOST);
      const { record } = await subject.run('ready', { throttle: { maxDocsPerSecond: null } });
      expect(record.evidence.differences).toBe(0);
      expect((await subject.documents(subject.target)).size).toBe(DOCUMENTS);
    });

    it('does so, too, where it was made slower in the middle of its windows', async (context) => {
      context.skip(route === 'server' && noReindex !== undefined, noReindex);
      const { subject, running } = await slowCopy(route, 1_500);
      await copied(subject, running, 1_000);
      const signal = AbortSignal.timeout(WAIT_MS);
      await steer(cluster, subject.name, 'throttle', { signal, throttle: { maxDocsPerSecond: 100 } });
      await subject.until('made slower', ({ record }) => record.throttled.startsWith('100 '));
      const before = await saved(subject);
      await subject.until('going on', ({ record }) => record.cursors.some((cursor) => cursor + 1 > before));
      const written = await indexed(subject.target);
      await running.stop();
      // four seconds of the rate before, and ten of the one after
      expect(written - (await saved(subject))).toBeLessThanOrEqual(4 * 1_500 + 10 * 100);
    });
  },
);
