// Records of migrations that are only in the journal, for lists: nobody coordinates them, and their indexes are not there.
import { onTestFinished } from 'vitest';
import { createJournal } from '../../../src/journal/journal.js';
import { JOURNAL, recordId } from '../../../src/protocol/names.js';
import type { MigrationRecord } from '../../../src/protocol/record.js';
import { testRecord } from '../../testRecord.js';
import { testCluster } from '../engine.js';

const HOLDER = { id: 'c', host: 'ops-1/pid:[1]', pid: 4711, user: 'lena' };

/** As if a coordinator were alive for an hour from now. */
export function livingRecord(name: string, change: Partial<MigrationRecord> = {}): MigrationRecord {
  const record = testRecord();
  const now = new Date();
  return {
    ...record,
    name,
    id: `id-${name}`,
    source: { index: `${name}-v1`, version: 1 },
    target: { index: `${name}-v2`, version: 2 },
    aliases: { read: `${name}-read`, write: `${name}-write` },
    holder: HOLDER,
    options: { ...record.options, leaseMs: 3_600_000 },
    startedAt: new Date(now.getTime() - 240_000).toISOString(),
    updatedAt: now.toISOString(),
    ...change,
  };
}

/** Removed when the test ends. */
export async function putRecords(records: readonly MigrationRecord[]): Promise<void> {
  const cluster = await testCluster();
  await createJournal(cluster);
  const bulk = async (lines: readonly object[]): Promise<void> => {
    const body = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
    await cluster.connection.json({
      method: 'POST',
      path: `/${JOURNAL}/_bulk`,
      query: { refresh: true },
      body,
    });
  };
  onTestFinished(() => bulk(records.map(({ name }) => ({ delete: { _id: recordId(name) } }))));
  await bulk(records.flatMap((record) => [{ index: { _id: recordId(record.name) } }, record]));
}
