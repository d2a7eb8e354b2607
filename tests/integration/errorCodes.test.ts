// Raises the error codes that need a real engine. src/errors.test.ts raises the others.
import { expect, it } from 'vitest';
import { steerRunning } from '../../src/coordinator/migration/steering/sendCommand.js';
import { createJournal, loadRecord, RecordHandle } from '../../src/journal/journal.js';
import { CODES_OF_ENGINES, type CodeOfEngines, madeIn, raised } from '../errorCodes.js';
import { testRecord } from '../testRecord.js';
import { testCluster, uniqueName } from './engine.js';
import { Subject } from './migration/harness.js';

const cluster = await testCluster();

/** A record of a migration that nobody coordinates. */
async function recorded(change: Parameters<typeof testRecord>[0] = {}): Promise<RecordHandle> {
  await createJournal(cluster);
  const name = uniqueName('codes');
  const record = testRecord({
    name,
    source: { index: `${name}-v1`, version: 1 },
    target: { index: `${name}-v2`, version: 2 },
    aliases: { read: `${name}-read`, write: `${name}-write` },
    sourceAliases: {},
    ...change,
  });
  return (await RecordHandle.take(cluster, record, undefined)) as RecordHandle;
}

async function index(body: object = {}): Promise<string> {
  const path = `/${uniqueName('codes')}`;
  await cluster.connection.json({ method: 'PUT', path, body });
  return path;
}

const RAISED: Readonly<Record<CodeOfEngines, () => unknown>> = {
  conflict: async () => await cluster.connection.json({ method: 'PUT', path: await index(), body: {} }),
  blocked: async () => {
    const path = await index({ settings: { 'index.blocks.write': true } });
    await cluster.connection.json({ method: 'PUT', path: `${path}/_doc/1`, body: {} });
  },
  rejected: async () => await index({ mappings: { properties: { brand: { type: 'keywrod' } } } }),
  fenced: async () => {
    const handle = await recorded();
    const found = await loadRecord(cluster, handle.record.name);
    await RecordHandle.take(cluster, { ...handle.record, token: 2 }, found);
    await handle.save({ message: 'of the one that was replaced' });
  },
  no_coordinator: async () => {
    const { record } = await recorded();
    const signal = AbortSignal.timeout(60_000);
    await steerRunning(cluster, record.name, 'pause', { signal });
  },
  too_many_rejected: async () => {
    const mappings = { properties: { n: { type: 'long' } } };
    const before = { mappings: { properties: { n: { type: 'keyword' } } } };
    const subject = await Subject.create(cluster, { before, mappings });
    await subject.fill(1, () => ({ n: 'a lot' }));
    await subject.run('ready', { maxRejected: 0 });
  },
  unsafe: async () => {
    const { record } = await recorded({ leader: 'target', readers: 'target' });
    await steerRunning(cluster, record.name, 'abort', { signal: AbortSignal.timeout(60_000) });
  },
};

it.each(CODES_OF_ENGINES)('%s is raised', async (code) => {
  const error = await raised(RAISED[code]);
  expect(error).toMatchObject({ code });
  expect(madeIn(error)).toMatch(/\/src\//);
});
