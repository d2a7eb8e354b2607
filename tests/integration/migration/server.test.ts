// The route `server`: the engine copies by itself, in windows of `_seq_no`; what is written meanwhile is followed.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { whyNoReindex } from '../../../src/cluster/reindex/hasReindex.js';
import { findReindexTasks } from '../../../src/cluster/reindex/reindexTasks.js';
import { feedPrefix } from '../../../src/protocol/names.js';
import { engineName, testCluster } from '../engine.js';
import { pathOf, Subject } from './harness.js';

let cluster: Cluster;
let noReindex: string | undefined;

beforeAll(async () => {
  cluster = await testCluster();
  noReindex = await whyNoReindex(cluster);
});

const KEYWORD = { properties: { n: { type: 'keyword' }, text: { type: 'keyword' } } } as const;
const LONG = { properties: { n: { type: 'long' }, text: { type: 'text' } } } as const;
const DOCUMENTS = 2_000;
/** Below every stamp of a first migration. */
const FIRST_STAMP = 2n ** 53n;

async function created(shards: readonly [before: number, after: number] = [3, 2]): Promise<Subject> {
  const subject = await Subject.create(cluster, {
    before: { settings: { number_of_shards: shards[0] }, mappings: KEYWORD },
    settings: { number_of_shards: shards[1] },
    mappings: LONG,
    route: 'server',
  });
  await subject.fill(DOCUMENTS, (n) => ({ n: `${n}`, text: `text of ${n}` }));
  return subject;
}

async function versionOf(subject: Subject, id: string): Promise<bigint> {
  const { body } = await subject.send('GET', pathOf(subject.target, '_doc', id));
  return BigInt(/"_version":(\d+)/.exec(body.toString())?.[1] ?? -1);
}

describe('a migration on the route server', () => {
  // the builds of Elasticsearch 8 and 9 that are downloaded lack the module
  beforeEach(({ skip }) => skip(engineName === 'elasticsearch' && noReindex !== undefined));

  it('brings documents by _reindex with their own versions, and what is written later with stamps', async () => {
    expect(noReindex).toBeUndefined();
    const subject = await created();
    await subject.put('routed', { n: '7', text: 'x' }, 'somewhere');
    await subject.put('d1', { n: '1', text: 'twice' });
    await subject.delete('d2');
    await subject.run('ready');
    expect(await versionOf(subject, 'd0')).toBe(1n);
    expect(await versionOf(subject, 'd1')).toBe(2n);

    await subject.put('d3', { n: '33', text: 'changed' });
    await subject.delete('d4');
    const { phase, record } = await subject.run('switched');
    expect(phase).toBe('switched');
    expect(record.evidence).toMatchObject({ differences: 0, compared: expect.any(Number) as number });
    expect(record.evidence.copied).toBeGreaterThanOrEqual(DOCUMENTS);
    expect(await versionOf(subject, 'd3')).toBeGreaterThan(FIRST_STAMP);
    const documents = await subject.documents(subject.target);
    expect(documents).toEqual(await subject.documents(subject.source));
    expect(documents.size).toBe(DOCUMENTS - 1);
    expect(documents.get('routed somewhere')).toEqual({ n: '7', text: 'x' });
    expect(documents.has('d2')).toBe(false);
    expect(documents.has('d4')).toBe(false);
  });

  it('goes there and back again, with writes on each side', async () => {
    const subject = await created([1, 3]);
    const running = subject.start('switched', { stay: true });
    await subject.until('switched', ({ phase }) => phase === 'switched');
    await subject.put('d5', { n: '55', text: 'after' });
    await subject.steer('rollback');
    await subject.put('d6', { n: '66', text: 'back' });
    await subject.steer('verify');
    await running.stop();
    const { record } = await subject.run('finalized');
    expect(record.evidence.differences).toBe(0);
    const documents = await subject.documents(subject.target);
    expect(documents.size).toBe(DOCUMENTS);
    expect(documents.get('d5')).toEqual({ n: '55', text: 'after' });
    expect(documents.get('d6')).toEqual({ n: '66', text: 'back' });
  });

  it('finds and mends damage to a document that has no stamp', async () => {
    const subject = await created();
    await subject.run('ready');
    await subject.json('PUT', `${pathOf(subject.target, '_doc', 'd9')}?version_type=external&version=9`, {
      n: 0,
    });
    const running = subject.start('ready', { stay: true });
    await subject.until('coordinated', ({ record }) => record.holder !== null);
    const { record } = await subject.steer('verify');
    await running.stop();
    expect(record.evidence).toMatchObject({ differences: 1, repaired: 1 });
    expect((await subject.documents(subject.target)).get('d9')).toEqual({ n: '9', text: 'text of 9' });
  });

  it('goes over to following when the new mapping refuses a document, and keeps that one', async () => {
    const subject = await created();
    await subject.put('wrong', { n: 'seven' });
    const running = subject.startPatient('cutover');
    const { record, rejected } = await subject.until(
      'held back',
      (now) => /rejected/.test(now.record.message) && now.rejected.count > 0,
    );
    expect(record.route).toBe('client');
    expect(running.notes.join('\n')).toMatch(/without _reindex: .*-v2 refused document wrong/);
    expect(rejected.first).toMatchObject([{ id: 'wrong' }]);
    await subject.delete('wrong');
    expect((await running.ended).phase).toBe('cutover');
    expect((await subject.documents(subject.target)).size).toBe(DOCUMENTS);
  });

  it('leaves no task behind when it is stopped, and goes on from what was confirmed', async () => {
    const subject = await created([1, 1]);
    const running = subject.start('ready');
    await subject.until('copying', ({ record }) => record.backfillUpTo !== null);
    await running.stop();
    expect(await findReindexTasks(cluster, feedPrefix(subject.name))).toEqual([]);
    await subject.put('d7', { n: '77', text: 'meanwhile' });
    const { phase, record } = await subject.run('switched');
    expect(phase).toBe('switched');
    expect(record.evidence.differences).toBe(0);
    expect((await subject.documents(subject.target)).get('d7')).toEqual({ n: '77', text: 'meanwhile' });
  });
});

describe.skipIf(engineName === 'opensearch')('an engine without the module', () => {
  beforeEach(({ skip }) => skip(noReindex === undefined));

  it('says that it has no _reindex', () => {
    expect(noReindex).toMatch(/has no _reindex/);
  });

  it('is followed, when _reindex was asked for all the same', async () => {
    const subject = await created();
    const running = subject.start('ready');
    const { record } = await running.ended;
    expect(record.route).toBe('client');
    expect((await subject.documents(subject.target)).size).toBe(DOCUMENTS);
  });
});
