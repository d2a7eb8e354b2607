// Somebody changes aliases or the journal while a coordinator or a gateway runs.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { loadRecord } from '../../../src/journal/journal.js';
import { JOURNAL, ledgerIndex, recordId, writeAlias } from '../../../src/protocol/names.js';
import { detach } from '../../../src/coordinator/migration/recovery/detachMigration.js';
import { Mirror } from '../../../src/writers/mirror/mirror.js';
import { testCluster } from '../engine.js';
import { Direct, Writer } from '../mirror/stage.js';
import { Subject } from './harness.js';
import { eventually } from '../../eventually.js';

const LONG = { properties: { n: { type: 'long' } } } as const;
const WAIT_MS = 120_000;

async function subjectOf(): Promise<Subject> {
  const subject = await Subject.create(await testCluster(), { before: { mappings: LONG }, mappings: LONG });
  await subject.fill(20, (n) => ({ n }));
  return subject;
}

async function moveWriters({ definition, source, target }: Subject): Promise<void> {
  const alias = definition.aliases.write;
  const { connection } = await testCluster();
  const actions = [
    { remove: { index: source, alias } },
    { add: { index: target, alias, is_write_index: true } },
  ];
  await connection.json({ method: 'POST', path: '/_aliases', body: { actions } });
}

async function gateway(subject: Subject): Promise<Writer> {
  const mirror = await Mirror.start({
    cluster: subject.cluster,
    definitions: [subject.definition],
    type: 'client',
    leaseExpiredMs: 500,
  });
  onTestFinished(() => mirror.stop());
  return new Writer(mirror, new Direct());
}

const put = (writer: Writer, subject: Subject, id: string) =>
  writer.send('PUT', `/${subject.definition.aliases.write}/_doc/${id}`, { n: 1 });

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  await eventually(what, holds, WAIT_MS);
}

const deleteRecord = ({ name, cluster }: Subject) =>
  cluster.connection.send({
    method: 'DELETE',
    path: `/${JOURNAL}/_doc/${encodeURIComponent(recordId(name))}`,
  });

it.each(['ready', 'cutover'] as const)(
  'documents that were written through an alias which somebody has moved are not deleted (%s)',
  async (phase) => {
    const subject = await subjectOf();
    const running = subject.start(phase, { stay: true });
    await subject.until(phase, (status) => status.phase === phase);
    await moveWriters(subject);
    for (let n = 0; n < 5; n++) await subject.put(`past-${n}`, { n });
    const { record } = await subject.until('halted', (status) => status.record.halted !== null);
    expect(record.halted?.text).toContain(`twindex resume ${subject.name}`);
    expect(record.message).toContain(`${subject.definition.aliases.write} is on ${subject.target}`);
    // as long as several rounds would take
    await sleep(3_000);
    await running.stop();
    // nor by the next coordinator, which has to be told, too
    await expect(subject.run(phase)).rejects.toThrow(`twindex detach ${subject.name}`);
    const documents = await subject.documents(subject.target);
    for (let n = 0; n < 5; n++) expect(documents.has(`past-${n}`)).toBe(true);
    expect((await subject.status()).record.evidence.deletesReconciled).toBe(0);
  },
);

it('a gateway that knew of a migration refuses writes when the journal has lost it, until a person has decided', async () => {
  const subject = await subjectOf();
  await subject.run('ready');
  const writer = await gateway(subject);
  expect((await put(writer, subject, 'before')).status).toBe(201);
  await deleteRecord(subject);
  await until('writes are refused', async () => (await put(writer, subject, 'x')).status === 503);
  const refused = await put(writer, subject, 'refused');
  expect(refused.text).toContain('twindex_journal_lost');
  expect(refused.text).toContain(`twindex status ${subject.name}`);
  // one that is started now knows it from the indexes
  const another = await gateway(subject);
  expect((await put(another, subject, 'refused')).text).toContain('twindex_journal_lost');
  await detach(subject.cluster, subject.name, subject.target);
  expect((await subject.run('ready')).phase).toBe('aborted');
  for (const one of [writer, another])
    await until('writes are taken', async () => (await put(one, subject, 'after')).status < 300);
  expect((await subject.documents(subject.source)).has('refused')).toBe(false);
});

it('a coordinator that runs puts its record back, and the next one goes on', async () => {
  const subject = await subjectOf();
  const running = subject.start('ready', { stay: true, leaseMs: 1_000 });
  await subject.until('ready', ({ phase }) => phase === 'ready');
  await deleteRecord(subject);
  await expect(running.ended).rejects.toThrow(`twindex migrate ${subject.name}`);
  expect((await loadRecord(subject.cluster, subject.name))?.source).toMatchObject({
    holder: null,
    clean: false,
  });
  expect((await subject.run('switched')).phase).toBe('switched');
});

it('what gateways write through, and the ledger, are made again', async () => {
  const subject = await subjectOf();
  const writer = await gateway(subject);
  const running = subject.start('ready', { stay: true, graceMs: 300 });
  await subject.until(
    'mirrored',
    ({ phase, record }) => phase === 'ready' && record.writers.mode === 'mirror',
  );
  const { epoch, writers } = (await subject.status()).record;
  // not that of the generation before, which is open until every writer has confirmed this one
  const alias = writeAlias(subject.name, writers.generation);
  await subject.json('POST', '/_aliases', { actions: [{ remove: { index: subject.source, alias } }] });
  await subject.until('a new generation', ({ record }) => record.writers.generation > writers.generation);
  expect((await put(writer, subject, 'after')).status).toBe(201);
  await subject.json('DELETE', `/${ledgerIndex(subject.name, epoch)}`);
  await until(
    'there is a ledger',
    async () => (await indexAliases(subject.cluster, ledgerIndex(subject.name, epoch))) !== undefined,
  );
  await subject.until('verified again', ({ phase, record }) => phase === 'ready' && record.verified);
  const gone = await writer.send('DELETE', `/${subject.definition.aliases.write}/_doc/d1`);
  expect(gone.status).toBe(200);
  await until('it is gone from both', async () => !(await subject.documents(subject.target)).has('d1'));
  await running.stop();
});

it('an index that was second for a while can be migrated again, although the new one was deleted by hand', async () => {
  const subject = await subjectOf();
  await subject.run('switched');
  const running = subject.start('switched', { stay: true });
  await subject.until('settled', ({ record }) => record.state === 'mirroring' && record.leader === 'target');
  await subject.steer('rollback');
  await running.stop();
  await subject.json('DELETE', `/${subject.target}`);
  await detach(subject.cluster, subject.name, subject.target);
  expect((await subject.run('ready')).phase).toBe('aborted');
  const { [subject.source]: live } = await subject.json<
    Record<string, { settings: { index: { gc_deletes?: string } }; mappings: { _meta?: object } }>
  >('GET', `/${subject.source}`);
  expect(live?.settings.index.gc_deletes).toBeUndefined();
  expect(live?.mappings._meta).toHaveProperty('twindex.epoch');
  expect((await subject.run('switched')).phase).toBe('switched');
});
