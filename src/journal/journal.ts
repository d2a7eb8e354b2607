// Creates the journal index, and reads and writes the records of migrations in it, by compare-and-set. A process makes
// one write of a record at a time. After a write without an answer, the process finds out whether the write took
// effect, so each write takes effect once or never.
import { randomUUID } from 'node:crypto';
import type { Cluster } from '../cluster/cluster.js';
import { toItemError } from '../cluster/engineErrors.js';
import { createIndex } from '../cluster/indices/createIndex.js';
import { getDocument, type StoredDocument } from '../cluster/documents/getDocument.js';
import { putDocument } from '../cluster/documents/putDocument.js';
import { backoffMs } from '../cluster/clusterConnection.js';
import { getIndexes } from '../cluster/indices/getIndex.js';
import { refresh } from '../cluster/indices/refresh.js';
import { count, getMany } from '../cluster/guardedReads.js';
import { parseJson } from '../json/exactJson.js';
import { isTwindexError, TwindexError } from '../errors.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { JOURNAL, recordId } from '../protocol/names.js';
import { isOfNewerFormat, type MigrationRecord, readRecord } from '../protocol/record.js';

const UNKNOWN_TRIES = 8;

const BODY = {
  settings: {
    index: { number_of_shards: 1, auto_expand_replicas: '0-1', hidden: true, refresh_interval: '1s' },
  },
  mappings: {
    dynamic: false,
    properties: { kind: { type: 'keyword' }, name: { type: 'keyword' }, migration: { type: 'keyword' } },
  },
} as const;

export async function createJournal(cluster: Cluster): Promise<void> {
  const { type } = await createIndex(cluster, JOURNAL, BODY);
  if (type === 'created' || !(await isMadeByWrite(cluster))) return;
  await cluster.connection.send({ method: 'DELETE', path: `/${JOURNAL}`, repeat: 'never' });
  await createIndex(cluster, JOURNAL, BODY);
}

/**
 * Whether a heartbeat has created the index after somebody deleted the journal. Such an index lacks the
 * mapping that searches need. It may be deleted if it has no migration, since heartbeats are written again.
 */
async function isMadeByWrite(cluster: Cluster): Promise<boolean> {
  const [live] = await getIndexes(cluster, JOURNAL, { hidden: true });
  const { kind } = (live?.mappings['properties'] ?? {}) as { readonly kind?: { readonly type?: string } };
  if (!live || kind?.type === 'keyword') return false;
  await refresh(cluster, JOURNAL);
  return (await count(cluster, JOURNAL, { match: { kind: 'migration' } })) === 0;
}

export async function loadRecord(
  cluster: Cluster,
  name: string,
): Promise<StoredDocument<MigrationRecord> | undefined> {
  const found = await getDocument<unknown>(cluster, JOURNAL, recordId(name));
  return found && { ...found, source: readRecord(found.source) };
}

export async function inspectRecord(
  cluster: Cluster,
  name: string,
): Promise<
  | { readonly type: 'missing' }
  | { readonly type: 'read'; readonly stored: StoredDocument<MigrationRecord> }
  | {
      readonly type: 'damaged';
      readonly at: Pick<StoredDocument<unknown>, 'seqNo' | 'term'>;
      readonly why: TwindexError;
    }
> {
  const found = await getDocument<unknown>(cluster, JOURNAL, recordId(name));
  if (!found) return { type: 'missing' };
  try {
    return { type: 'read', stored: { ...found, source: readRecord(found.source) } };
  } catch (error) {
    if (!isTwindexError(error, 'journal_unreadable') || isOfNewerFormat(found.source)) throw error;
    return { type: 'damaged', at: found, why: error };
  }
}

/** Loads many records in one realtime request, without the checks of `readRecord`. */
export async function loadRecords(
  cluster: Cluster,
  names: readonly string[],
): Promise<ReadonlyMap<string, unknown>> {
  if (names.length === 0) return new Map();
  const answer = await getMany(cluster, {
    index: JOURNAL,
    docs: names.map((name) => ({ _id: recordId(name) })),
    source: true,
  });
  const { docs } = parseJson(answer.toString()) as {
    docs: { found?: boolean; _source?: unknown; error?: { type: string; reason: string } }[];
  };
  const failed = docs.find(({ error }) => error && error.type !== 'index_not_found_exception');
  if (failed?.error) throw toItemError(JOURNAL, failed.error);
  return new Map(
    docs.flatMap(({ found, _source }, n) => (found ? [[names[n] as string, _source] as const] : [])),
  );
}

export type Patch = Partial<MigrationRecord>;

/** A coordinator's record. Each write fails with `fenced` after another process has written the record. */
export class RecordHandle {
  readonly #cluster: Cluster;
  #stored: StoredDocument<MigrationRecord>;
  #writing: Patch = {};
  #staged: Patch = {};
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(cluster: Cluster, stored: StoredDocument<MigrationRecord>) {
    this.#cluster = cluster;
    this.#stored = stored;
  }

  /** @returns undefined if another process was faster */
  static async take(
    cluster: Cluster,
    record: MigrationRecord,
    over: StoredDocument<MigrationRecord> | undefined,
  ): Promise<RecordHandle | undefined> {
    const stored = await writeResolved(cluster, stamped(record), over ?? 'missing');
    return stored && new RecordHandle(cluster, stored);
  }

  get record(): MigrationRecord {
    return { ...this.#stored.source, ...this.#writing, ...this.#staged };
  }

  /**
   * Keeps changes for the next `save`. Use this only for values such as cursors and counts, which can be
   * found again after a crash.
   */
  stage(patch: Patch): void {
    this.#staged = { ...this.#staged, ...patch };
  }

  /** The changes are durable when this returns. @throws TwindexError `fenced` */
  async save(patch: Patch | ((record: MigrationRecord) => Patch)): Promise<MigrationRecord> {
    const write = this.#queue.then(async () => {
      this.stage(typeof patch === 'function' ? patch(this.record) : patch);
      this.#writing = this.#staged;
      this.#staged = {};
      const record = stamped({ ...this.#stored.source, ...this.#writing });
      try {
        const stored = await writeResolved(this.#cluster, record, this.#stored);
        if (!stored)
          throw new TwindexError(
            'fenced',
            `another coordinator has taken over the migration of ${record.name}`,
          );
        this.#stored = stored;
      } catch (error) {
        this.#staged = { ...this.#writing, ...this.#staged };
        throw error;
      } finally {
        this.#writing = {};
      }
      return this.record;
    });
    this.#queue = write.catch(() => undefined);
    return write;
  }
}

function stamped(record: MigrationRecord): MigrationRecord {
  return { ...record, writeId: randomUUID(), updatedAt: new Date().toISOString() };
}

async function writeResolved(
  cluster: Cluster,
  record: MigrationRecord,
  over: StoredDocument<MigrationRecord> | 'missing',
): Promise<StoredDocument<MigrationRecord> | undefined> {
  const where = { index: JOURNAL, id: recordId(record.name) };
  let unknown: unknown;
  for (let attempt = 0; attempt < UNKNOWN_TRIES; attempt++) {
    try {
      const written = await putDocument(cluster, where, record, over);
      if (written.type === 'written') return { source: record, seqNo: written.seqNo, term: written.term };
    } catch (error) {
      if (!isTwindexError(error, 'unanswered', 'overloaded', 'unreachable')) throw error;
      unknown = error;
      await sleep(backoffMs(attempt));
      continue;
    }
    // The conflict may be with an earlier attempt that was not answered, or that the network has repeated.
    const found = await loadRecord(cluster, record.name);
    if (!isStill(found, over)) return found?.source.writeId === record.writeId ? found : undefined;
    await sleep(backoffMs(attempt)); // the read was answered by a shard copy that lags, so try again
  }
  if (unknown === undefined) return undefined;
  throw unknown;
}

function isStill(
  found: StoredDocument<MigrationRecord> | undefined,
  over: StoredDocument<MigrationRecord> | 'missing',
): boolean {
  if (over === 'missing') return found === undefined;
  return found?.seqNo === over.seqNo && found.term === over.term;
}
