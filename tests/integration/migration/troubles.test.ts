// What keeps an index or the cluster from answering is named: in the log of the coordinator, and by status.
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { type Cluster, connect } from '../../../src/cluster/cluster.js';
import { startFront } from '../../front.js';
import { engineUrls, testCluster } from '../engine.js';
import { Subject } from './harness.js';
import { eventually } from '../../eventually.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(what, holds, 90_000);
}

async function started(through = cluster): Promise<{ subject: Subject; notes: () => string }> {
  const subject = await Subject.create(cluster);
  await subject.fill(20, (n) => ({ n }));
  const running = subject.start('ready', { stay: true }, through);
  await subject.until('ready', ({ phase }) => phase === 'ready');
  return { subject, notes: () => running.notes.join('\n') };
}

it.each(['source', 'target'] as const)('a full disk under the %s', async (side) => {
  const { subject, notes } = await started();
  const index = subject[side];
  await subject.json('PUT', `/${index}/_settings`, { 'index.blocks.read_only_allow_delete': true });
  const text = `${index} accepts no writes, since the disk of one of its nodes`;
  await until(`a warning of ${index}`, () => notes().includes(text));
  expect((await subject.status()).troubles.join('\n')).toContain(text);
  await subject.json('PUT', `/${index}/_settings`, { 'index.blocks.read_only_allow_delete': null });
  await until('the end of it', () => notes().includes(`no longer the case: ${text}`));
  expect((await subject.status()).troubles).toEqual([]);
});

it.each([
  ['by a filter', { 'index.routing.allocation.require._name': 'nowhere' }],
  ['by the index itself', { 'index.routing.allocation.enable': 'none' }],
])('a target that the engine may put nowhere, %s', async (_, settings) => {
  const subject = await Subject.create(cluster, { settings });
  const running = subject.start('ready', { stay: true });
  const text = `${subject.target} has no primary for shard 0, so requests to it are not answered:`;
  await until('a warning', () => running.notes.join('\n').includes(text));
  expect((await subject.status()).troubles.join('\n')).toMatch(/index\.routing\.allocation/);
  await subject.json('PUT', `/${subject.target}/_settings`, {
    [Object.keys(settings)[0] as string]: null,
  });
  await until('the end of it', () => running.notes.join('\n').includes(`no longer the case: ${text}`));
  // it is not as declared now, as somebody has turned it: that is no reason to stop
  await subject.until('ready', ({ phase }) => phase === 'ready');
  await running.stop();
});

it('a cluster that does not answer', async () => {
  let hangs = false;
  const front = await startFront({
    upstream: engineUrls[0],
    intercept: () => (hangs ? { type: 'hang' } : undefined),
  });
  const through = await connect({ nodes: [front.url], requestTimeoutMs: 5_000, maxRetries: 0 });
  onTestFinished(async () => {
    await through.close();
    await front.close();
  });
  const { notes } = await started(through);
  hangs = true;
  await until('a warning', () => notes().includes('the cluster does not answer: '));
  hangs = false;
  await until('the end of it', () => notes().includes('no longer the case: the cluster does not answer'));
});
