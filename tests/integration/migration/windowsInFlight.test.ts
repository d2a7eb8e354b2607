// Rejected documents that several shards, and so several windows in flight, find at the same moment.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Cluster, connect } from '../../../src/cluster/cluster.js';
import type { Refused } from '../../../src/protocol/replication.js';
import { countRejected, listRejected, RejectedDocuments } from '../../../src/journal/rejectedDocuments.js';
import { createJournal } from '../../../src/journal/journal.js';
import { JOURNAL, rejectedId } from '../../../src/protocol/names.js';
import { refresh } from '../../../src/cluster/indices/refresh.js';
import type { Migration } from '../../../src/schema/types.js';
import { startFront } from '../../front.js';
import { engineUrls, testCluster, uniqueName } from '../engine.js';
import { Subject } from './harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
  await createJournal(cluster);
});

const NO_SEVENS: Record<number, Migration> = {
  2: {
    up: (doc) => {
      if ((doc['n'] as number) % 10 === 7) throw new Error('no sevens');
      return doc;
    },
  },
};

const FIVE_TO_THREE = {
  before: { settings: { number_of_shards: 5 } },
  settings: { number_of_shards: 3 },
  migrations: NO_SEVENS,
} as const;

const MOST_MS = 5_000;

/** The first answers of the journal about rejected documents wait for each other: several windows have asked by then, or none will. */
async function withSlowJournal(): Promise<Cluster> {
  let asked = 0;
  let bothAsked = (): void => {};
  const barrier = Promise.race([
    new Promise<void>((resolve) => {
      bothAsked = resolve;
    }),
    sleep(MOST_MS),
  ]);
  const front = await startFront({
    upstream: engineUrls[0],
    intercept: ({ path, body }) => {
      if (!path.startsWith(`/${JOURNAL}/_search`) || !body.includes('"rejected"')) return undefined;
      if (++asked === 2) bothAsked();
      return { type: 'delay', until: barrier };
    },
  });
  const slow = await connect({ nodes: [front.url] });
  onTestFinished(async () => {
    await slow.close();
    await front.close();
  });
  return slow;
}

describe('documents that several windows reject at the same moment', () => {
  it('are all known, so that the readers stay where they are', async () => {
    const subject = await Subject.create(cluster, FIVE_TO_THREE);
    await subject.fill(100, (n) => ({ n }));
    const { ended } = subject.startPatient('cutover', {}, await withSlowJournal());
    const { rejected, record } = await subject.until(
      'held back',
      (now) => now.phase === 'cutover' || now.record.message.startsWith('10 documents are rejected'),
    );
    expect(rejected.count).toBe(10);
    expect(record.readers).toBe('source');

    for (let n = 7; n < 100; n += 10) await subject.put(`d${n}`, { n: n - 7 });
    expect((await ended).phase).toBe('cutover');
    expect((await subject.documents(subject.target)).size).toBe(100);
  });

  it('are no more than may be, all windows together', async () => {
    const subject = await Subject.create(cluster, FIVE_TO_THREE);
    await subject.fill(200, (n) => ({ n: 10 * n + 7 }));
    await expect(
      subject.start('cutover', { maxRejected: 20 }, await withSlowJournal()).ended,
    ).rejects.toThrow('more than 20 documents are rejected');
    const { record } = await subject.status();
    await refresh(cluster, JOURNAL);
    expect(await countRejected(cluster, record.id)).toBe(20);
  });

  it('are all kept where they may be dropped, however many', async () => {
    const subject = await Subject.create(cluster, FIVE_TO_THREE);
    await subject.fill(200, (n) => ({ n }));
    const options = { maxRejected: 5, dropRejected: true };
    expect((await subject.run('finalized', options)).phase).toBe('finalized');
    expect((await subject.documents(subject.target)).size).toBe(180);
  });
});

/** As a coordinator that was replaced, or a window that was not reported, may have written it. */
async function keepInJournal(migration: string, id: string, version: string): Promise<void> {
  const key = { id, routing: undefined };
  const source = { kind: 'rejected', migration, id, routing: null, version, reason: 'kept', at: new Date(0) };
  await cluster.connection.json({
    method: 'PUT',
    path: `/${JOURNAL}/_doc/${encodeURIComponent(rejectedId(migration, key))}`,
    body: source,
  });
}

describe('a rejected document that is in the journal alone', () => {
  it('holds back the cut-over, the switch and the end', async () => {
    const subject = await Subject.create(cluster, { migrations: NO_SEVENS });
    await subject.fill(20, (n) => ({ n: 10 * n }));
    const running = subject.start('ready', { stay: true });
    const { record } = await subject.until('ready', ({ phase }) => phase === 'ready');
    for (const [command, reached] of [
      ['cutover', 'cutover'],
      ['switch', 'switched'],
      ['finalize', 'finalized'],
    ] as const) {
      const told = running.notes.length;
      // it is not on the leader, so it holds back no longer than until it is tried again
      await keepInJournal(record.id, 'd7', '0');
      expect(await subject.steer(command)).toMatchObject({ type: 'done', phase: reached });
      expect(running.notes.slice(told).join('\n')).toMatch(
        /documents (are|were) rejected|has rejected documents/,
      );
    }
    await running.ended;
  });
});

describe('the rejected documents of a migration', () => {
  const refusedOf = (from: number, count: number): Refused[] =>
    Array.from({ length: count }, (_, n) => ({
      key: { id: `r${from + n}`, routing: undefined },
      version: BigInt(n),
      reason: 'no',
    }));

  it('are counted together by whoever adds them at the same time', async () => {
    const id = uniqueName('rejected');
    const rejected = await RejectedDocuments.load(cluster, id);
    const kept = await Promise.all(
      [0, 1, 2, 3].map((inFlight) => rejected.add(refusedOf(inFlight * 10, 10), 25)),
    );
    expect(kept).toEqual([10, 10, 5, 0]);
    expect(rejected.size).toBe(25);
    expect((await RejectedDocuments.load(cluster, id)).size).toBe(25);
  });

  it('stay when they were refused once more while they were taken', async () => {
    const id = uniqueName('rejected');
    const rejected = await RejectedDocuments.load(cluster, id);
    await rejected.add(refusedOf(0, 2), 10);
    const tried = rejected.entries;
    const again = { key: { id: 'r0', routing: undefined }, version: 99n, reason: 'wrong again' };
    await Promise.all([rejected.add([again], 10), rejected.remove(tried)]);
    expect(rejected.entries.map(({ key }) => key.id)).toEqual(['r0']);
    await refresh(cluster, JOURNAL);
    expect(await listRejected(cluster, id)).toMatchObject([{ id: 'r0', version: '99' }]);
  });

  it('are all read, also where they do not fit in one answer', async () => {
    const id = uniqueName('rejected');
    const rejected = await RejectedDocuments.load(cluster, id);
    for (let from = 0; from < 12_000; from += 2_000) await rejected.add(refusedOf(from, 2_000), 100_000);
    expect((await RejectedDocuments.load(cluster, id)).size).toBe(12_000);
  });
});
