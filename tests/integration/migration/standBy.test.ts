// Gateways that stand by: which migrations they take over, and which they leave to whoever has stopped them.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { StandBy } from '../../../src/coordinator/migration/succession/standBy.js';
import { testCluster } from '../engine.js';
import { Subject } from './harness.js';

const LEASE_MS = 1_000;

async function standBy(subject: Subject): Promise<readonly string[]> {
  const notes: string[] = [];
  const gateway = new StandBy({
    cluster: subject.cluster,
    definitions: [subject.definition],
    onNote: (text) => notes.push(text),
  });
  onTestFinished(() => gateway.stop());
  return notes;
}

it.each(['cutover', 'switched'] as const)(
  'takes over at %s what was handed back, since somebody uses an index that nobody would keep in sync',
  async (phase) => {
    const subject = await Subject.create(await testCluster());
    await subject.fill(20, (n) => ({ n }));
    await subject.run(phase, { leaseMs: LEASE_MS });
    const notes = await standBy(subject);
    const { record } = await subject.until('taken over', ({ record: { holder } }) => holder !== null);
    expect(record.goal).toBe(phase);
    expect(notes.join()).toContain('no coordinator is running; taking over');
    await subject.put('later', { n: 1 });
    const other = phase === 'cutover' ? subject.target : subject.source;
    await expect.poll(() => subject.sourceOf(other, 'later'), { timeout: 120_000 }).toBe('{"n":1}');
  },
);

it('leaves what nobody uses yet to whoever has stopped it', async () => {
  const subject = await Subject.create(await testCluster());
  await subject.fill(20, (n) => ({ n }));
  await subject.run('ready', { leaseMs: LEASE_MS });
  await standBy(subject);
  await sleep(4 * LEASE_MS);
  expect((await subject.status()).record.holder).toBeNull();
});
