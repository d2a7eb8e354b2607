// Holds that fail: each refuses writes for a moment, so none is repeated for a reason that lasts.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Cluster, connect } from '../../../src/cluster/cluster.js';
import { hasWriteBlock } from '../../../src/cluster/indices/hasWriteBlock.js';
import { type FrontRequest, startFront } from '../../front.js';
import { engineUrls, testCluster } from '../engine.js';
import { Subject } from './harness.js';
import { eventually } from '../../eventually.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

const error = (type: string): string => JSON.stringify({ error: { type, reason: 'as the test wants it' } });

/** The engine, but for these requests. */
async function refusing(
  status: number,
  type: string,
  isRefused: (request: FrontRequest) => boolean,
): Promise<Cluster> {
  const front = await startFront({
    upstream: engineUrls[0],
    intercept: (request) => (isRefused(request) ? { type: 'answer', status, body: error(type) } : undefined),
  });
  const refused = await connect({ nodes: [front.url], maxRetries: 0 });
  onTestFinished(async () => {
    await refused.close();
    await front.close();
  });
  return refused;
}

async function readersMoved(): Promise<Subject> {
  const subject = await Subject.create(cluster);
  await subject.fill(20, (n) => ({ n }));
  await subject.run('cutover');
  return subject;
}

/** The call that moves the write alias away from v1. */
const movesWriters =
  ({ name }: Subject) =>
  ({ path, body }: FrontRequest): boolean =>
    path.startsWith('/_aliases') &&
    body.includes('"remove"') &&
    body.includes(`"alias":"${name}-write","must_exist":true`);

describe('a hold that the engine ends', () => {
  it.each([
    [400, 'illegal_argument_exception'],
    [403, 'security_exception'],
  ])('with %i is not made again', async (status, type) => {
    const subject = await readersMoved();
    const front = await refusing(status, type, movesWriters(subject));
    const { ended } = subject.start('switched', {}, front);
    await expect(ended).rejects.toMatchObject({
      code: 'unsafe',
      message: expect.stringContaining(`twindex switch ${subject.name}`) as string,
    });
    const { record, phase } = await subject.status();
    expect(phase).toBe('cutover');
    expect(record).toMatchObject({ stoppedFor: 'hold', goal: 'cutover', evidence: { holdsGivenUp: 1 } });
    expect(await hasWriteBlock(cluster, subject.source)).toBe(false);
    await subject.put('written-afterwards', { n: 1 });
    // what stood in the way is gone: it is asked for again
    expect((await subject.run('switched')).phase).toBe('switched');
  });

  it('with something that passes is made again after a pause', async () => {
    const subject = await readersMoved();
    let refused = 0;
    const isMove = movesWriters(subject);
    const front = await refusing(
      429,
      'circuit_breaking_exception',
      (request) => isMove(request) && refused++ < 2,
    );
    const running = subject.start('switched', {}, front);
    expect((await running.ended).phase).toBe('switched');
    expect(running.notes.join('\n')).toMatch(/attempt 1 of at most 10; the next one begins after 3 s/);
    expect(running.notes.join('\n')).toMatch(/attempt 2 of at most 10; the next one begins after 6 s/);
  });
});

it('holds that fail for a lasting reason are counted over restarts of the coordinator', async () => {
  const subject = await readersMoved();
  let refused = 0;
  const isMove = movesWriters(subject);
  const front = await refusing(500, 'illegal_state_exception', (request) => isMove(request) && ++refused > 0);
  for (let begun = 1; begun <= 2; begun++) {
    const running = subject.start('switched', { stay: true }, front);
    await subject.until(`hold ${begun}`, ({ record }) => record.holds.lastingInARow === begun);
    await running.stop();
  }
  await expect(subject.start('switched', {}, front).ended).rejects.toMatchObject({
    code: 'unsafe',
    message: expect.stringContaining('This was attempt 3 in a row') as string,
  });
  expect(refused).toBe(3);
  expect((await subject.status()).record).toMatchObject({ stoppedFor: 'hold', goal: 'cutover' });
  // who asks for it gets all of the tries again
  const asked = subject.start('switched', { stay: true }, front);
  await subject.until('a further hold', ({ record }) => record.holds.lastingInARow === 1);
  await asked.stop();
});

it('a hold that can not be prepared is not begun, and the follower is kept in sync', async () => {
  const subject = await readersMoved();
  const front = await refusing(400, 'illegal_argument_exception', movesWriters(subject));
  const running = subject.start('switched', { stay: true }, front);
  const { record } = await subject.until('withdrawn', (now) => now.record.stoppedFor === 'hold');
  expect(record.stoppedBy).toContain('as the test wants it');
  await subject.put('later', { n: 77 });
  const isFollowed = async (): Promise<boolean> => (await subject.documents(subject.target)).has('later');
  await eventually('the document `later` is followed to v2', isFollowed, 60_000);
  await running.stop();
});

it('readers that the engine refuses to move stay, and the migration is kept in sync', async () => {
  const subject = await Subject.create(cluster);
  await subject.fill(20, (n) => ({ n }));
  const front = await refusing(
    400,
    'illegal_argument_exception',
    ({ path, body }) =>
      path.startsWith('/_aliases') && body.includes(`"alias":"${subject.name}-read","must_exist":true`),
  );
  await expect(subject.start('cutover', {}, front).ended).rejects.toMatchObject({ code: 'unsafe' });
  expect((await subject.status()).record).toMatchObject({
    state: 'mirroring',
    readers: 'source',
    stoppedFor: 'aliases',
  });
  expect((await subject.run('cutover')).phase).toBe('cutover');
});

describe('the switch of a bare index', () => {
  it('is begun only while there is time for the call that deletes the old index', async () => {
    const subject = await Subject.create(cluster, { layout: 'bare-index' });
    await subject.fill(20, (n) => ({ n }));
    await subject.run('ready');
    const slow = { counts: 0 };
    const wait = (ms: number) => ({ type: 'delay', until: sleep(ms) }) as const;
    const front = await startFront({
      upstream: engineUrls[0],
      intercept: ({ path, body }) => {
        if (path.startsWith('/_aliases') && body.includes('remove_index')) return wait(900);
        if (slow.counts > 0 && body.includes('"size":0')) return wait(slow.counts);
        return undefined;
      },
    });
    const through = await connect({ nodes: [front.url] });
    onTestFinished(async () => {
      await through.close();
      await front.close();
    });
    const maxWritePauseMs = 3_000;
    slow.counts = 2_300;
    const running = subject.start('switched', { stay: true, maxWritePauseMs }, through);
    await subject.until('given up', ({ record }) => record.evidence.holdsGivenUp > 0);
    expect(await hasWriteBlock(cluster, subject.source)).toBe(false);
    slow.counts = 0;
    const { record } = await running.ended;
    expect(record.evidence.writePauseMs).toHaveLength(1);
    expect(record.evidence.writePauseMs[0]).toBeLessThanOrEqual(maxWritePauseMs);
  });
});
