// The index that is kept in sync is lost for good: the other goes on alone.
import { expect, it, onTestFinished } from 'vitest';
import { hasWriteBlock } from '../../../src/cluster/indices/hasWriteBlock.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { loadRecord } from '../../../src/journal/journal.js';
import { detach } from '../../../src/coordinator/migration/recovery/detachMigration.js';
import { phaseOf } from '../../../src/protocol/states.js';
import { StandBy } from '../../../src/coordinator/migration/succession/standBy.js';
import { testCluster } from '../engine.js';
import { Mirror } from '../../../src/writers/mirror/mirror.js';
import { Direct, Writer } from '../mirror/stage.js';
import { PRICES, Subject } from './harness.js';
import { eventually } from '../../eventually.js';

const WAIT_MS = 60_000;

async function prices(layout?: 'one-alias'): Promise<Subject> {
  const subject = await Subject.create(await testCluster(), {
    ...(layout && { layout }),
    before: { mappings: PRICES.before },
    mappings: PRICES.after,
    migrations: PRICES.migrations,
  });
  await subject.fill(20, (n) => ({ n, price: `${n},50 EUR` }));
  return subject;
}

async function at(subject: Subject, phase: 'cutover' | 'switched'): Promise<void> {
  const running = subject.start(phase, { stay: true });
  await reached(subject, phase);
  await running.stop();
}

/** And the old index is kept in sync. */
async function reached(subject: Subject, phase: 'cutover' | 'switched'): Promise<void> {
  const isReached = async (): Promise<boolean> => {
    const record = (await loadRecord(subject.cluster, subject.name))?.source;
    return record?.state === 'mirroring' && phaseOf(record) === phase;
  };
  await eventually(`the migration comes to ${phase}`, isReached, WAIT_MS);
}

async function expectAlone(subject: Subject, index: string): Promise<void> {
  const { read, write } = subject.definition.aliases;
  expect(Object.keys((await indexAliases(subject.cluster, index)) ?? {}).sort()).toEqual(
    [...new Set([read, write])].sort(),
  );
  expect(await hasWriteBlock(subject.cluster, index)).toBe(false);
  expect((await subject.send('PUT', `/${write}/_doc/new?refresh=true`, { n: 1, price: 1 })).status).toBe(201);
  const { count } = await subject.json<{ count: number }>('GET', `/${read}/_count`);
  expect(count).toBe(21);
}

it.each(['two-aliases', 'one-alias'] as const)(
  'after the switch, when the old index is gone (%s)',
  async (layout) => {
    const subject = await prices(layout === 'one-alias' ? layout : undefined);
    await at(subject, 'switched');
    await subject.json('DELETE', `/${subject.source}`);
    await expect(detach(subject.cluster, subject.name, undefined)).rejects.toMatchObject({
      code: 'unsafe',
      message: expect.stringContaining(`twindex detach ${subject.name} --give-up ${subject.source}`),
    });
    await expect(detach(subject.cluster, subject.name, subject.target)).rejects.toMatchObject({
      code: 'unsafe',
    });
    await detach(subject.cluster, subject.name, subject.source);
    expect((await subject.start('finalized').ended).phase).toBe('finalized');
    await expectAlone(subject, subject.target);
  },
);

it('after the switch, while the old index is there: it is left as it is, without aliases', async () => {
  const subject = await prices();
  await at(subject, 'switched');
  await detach(subject.cluster, subject.name, subject.source);
  // killed here: asked for again, it goes on
  await detach(subject.cluster, subject.name, subject.source);
  expect((await subject.start('ready').ended).phase).toBe('finalized');
  expect(await indexAliases(subject.cluster, subject.source)).toEqual({});
  await expectAlone(subject, subject.target);
});

it('before the switch, when the new index is gone: readers and writers are on the old one', async () => {
  const subject = await prices();
  await at(subject, 'cutover');
  await subject.json('DELETE', `/${subject.target}`);
  await expect(subject.start('cutover').ended).rejects.toThrow(`twindex detach ${subject.name}`);
  await detach(subject.cluster, subject.name, subject.target);
  expect((await subject.start('ready').ended).phase).toBe('aborted');
  await expectAlone(subject, subject.source);
});

it('is brought to its end by a stand-by, and takes it out of the hands of a coordinator that runs', async () => {
  const subject = await prices();
  const running = subject.start('switched', { stay: true });
  await reached(subject, 'switched');
  const failed = running.ended.then(
    () => 'it ended',
    () => 'it was replaced',
  );
  const mirror = await Mirror.start({
    cluster: subject.cluster,
    definitions: [subject.definition],
    type: 'client',
  });
  onTestFinished(() => mirror.stop());
  const writer = new Writer(mirror, new Direct());
  await detach(subject.cluster, subject.name, subject.source);
  expect(await failed).toBe('it was replaced');
  const standBy = new StandBy({
    cluster: subject.cluster,
    definitions: [subject.definition],
    onNote: () => undefined,
  });
  try {
    const isFinalized = async (): Promise<boolean> =>
      (await loadRecord(subject.cluster, subject.name))?.source.state === 'finalized';
    await eventually('the stand-by ends it', isFinalized, WAIT_MS);
  } finally {
    await standBy.stop();
  }
  const { write } = subject.definition.aliases;
  const old = await writer.send(
    'PUT',
    `/${write}/_doc/x`,
    { n: 1, price: '1,00 EUR' },
    { 'x-twindex-version': '1' },
  );
  expect(old.status).toBe(400);
  await expectAlone(subject, subject.target);
});
