// Reads from the journal what metrics show about all migrations. One reading serves all metrics of a scrape,
// and scrapes that follow shortly after it, so that frequent scrapes can't load the cluster.
import type { Cluster } from '../cluster/cluster.js';
import { searchSources } from '../cluster/guardedReads.js';
import { matchesWildcard } from '../cluster/indexExpression.js';
import { isTwindexError } from '../errors.js';
import { loadRecords } from '../journal/journal.js';
import { countRejectedByMigration } from '../journal/rejectedDocuments.js';
import { findWorkers, type WorkerDocument } from '../journal/workerDocuments.js';
import { listWriters, type WriterDocument } from '../journal/writerDocuments.js';
import { JOURNAL } from '../protocol/names.js';
import { isOver, type MigrationRecord, readRecord } from '../protocol/record.js';
import { type Phase, phaseOf } from '../protocol/states.js';
import { Pulses } from './pulses.js';

export interface JournalSnapshot {
  /** False if the journal did not answer in time. Then nothing is known about the migrations. */
  readonly isReadable: boolean;
  readonly readMs: number;
  readonly migrations: readonly MigrationSummary[];
  /** The migrations that are not over. */
  readonly running: readonly RunningMigration[];
}

/** The fields of a record that show how far a migration is. */
export type MigrationSummary = Pick<MigrationRecord, 'name' | 'state'> & { readonly phase: Phase };

export interface RunningMigration {
  readonly record: MigrationRecord;
  readonly phase: Phase;
  readonly coordinator: {
    /** Whether a coordinator has the lease, and has written to the journal within the lease time. */
    readonly isUp: boolean;
    /** For how long this process has seen no sign of life of the coordinator. */
    readonly silentMs: number;
  };
  readonly writers: readonly {
    readonly type: WriterDocument['type'];
    readonly hasLease: boolean;
    readonly isAway: boolean;
  }[];
  /** How many workers with a valid lease copy for this migration. */
  readonly workers: number;
  readonly rejected: number;
}

interface Limits {
  /** A snapshot that is younger than this is used again. */
  readonly maxAgeMs: number;
  /** Limit for a reading. By default Prometheus gives up a scrape after 10 s. */
  readonly timeoutMs: number;
}

const LIMITS: Limits = { maxAgeMs: 2_000, timeoutMs: 3_000 };

export class JournalReader {
  readonly #cluster: Cluster;
  readonly #limits: Limits;
  readonly #pulses = new Pulses();
  #last: { readonly at: number; readonly snapshot: JournalSnapshot } | undefined;
  #reading: Promise<JournalSnapshot> | undefined;

  constructor(cluster: Cluster, limits: Partial<Limits> = {}) {
    this.#cluster = cluster;
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Never throws. */
  async read(): Promise<JournalSnapshot> {
    const { maxAgeMs, timeoutMs } = this.#limits;
    if (this.#last && performance.now() - this.#last.at < maxAgeMs) return this.#last.snapshot;
    // a reading that takes too long continues, and the next scrape waits for it
    this.#reading ??= this.#readNow().finally(() => (this.#reading = undefined));
    return await inTime(this.#reading, timeoutMs);
  }

  async #readNow(): Promise<JournalSnapshot> {
    const began = performance.now();
    const snapshot = await this.#snapshot(began).catch(() => unreadable(performance.now() - began));
    this.#last = { at: performance.now(), snapshot };
    return snapshot;
  }

  async #snapshot(began: number): Promise<JournalSnapshot> {
    // this refreshes the journal, so that the searches after it find the newest documents
    const writers = await listWriters(this.#cluster);
    const migrations = await summaries(this.#cluster);
    const names = migrations.filter((migration) => !isOver(migration)).map(({ name }) => name);
    const [records, rejected, workers] = await Promise.all([
      loadRecords(this.#cluster, names),
      names.length > 0 ? countRejectedByMigration(this.#cluster) : new Map<string, number>(),
      names.length > 0 ? findWorkers(this.#cluster) : [],
    ]);
    const now = performance.now();
    const running = [...records.values()].flatMap((source) => {
      const record = readOrSkip(source);
      if (!record || isOver(record)) return [];
      return this.#running(record, { now, writers, workers, rejected: rejected.get(record.id) ?? 0 });
    });
    this.#pulses.forget(now);
    return { isReadable: true, readMs: performance.now() - began, migrations, running };
  }

  #running(
    record: MigrationRecord,
    { now, writers, workers, rejected }: Found & { readonly now: number; readonly rejected: number },
  ): RunningMigration {
    const { name, holder, options } = record;
    const silent = (key: string, beat: string | number): number =>
      this.#pulses.silentMs(key, String(beat), now);
    const silentMs = silent(`coordinator ${record.id}`, record.writeId);
    return {
      record,
      phase: phaseOf(record),
      coordinator: { isUp: holder !== null && silentMs <= options.leaseMs, silentMs },
      writers: writers
        .filter(({ names }) => names.includes(name))
        .map(({ id, type, heartbeat, leaseMs, migrations }) => ({
          type,
          hasLease: silent(`writer ${id}`, heartbeat) <= leaseMs,
          isAway: Boolean(migrations[name]?.away),
        })),
      workers: workers.filter(
        ({ id, beat, leaseMs, serves }) =>
          silent(`worker ${id}`, beat) <= leaseMs && serves.some((pattern) => matchesWildcard(pattern, name)),
      ).length,
      rejected,
    };
  }
}

interface Found {
  readonly writers: readonly WriterDocument[];
  readonly workers: readonly WorkerDocument[];
}

const unreadable = (readMs: number): JournalSnapshot => ({
  isReadable: false,
  readMs,
  migrations: [],
  running: [],
});

/** The fields that are read of all migrations. Thousands may be over, so their whole records would be too much. */
const SUMMARY_FIELDS = ['name', 'state', 'leader', 'readers', 'verified', 'rejected'] as const;

async function summaries(cluster: Cluster): Promise<readonly MigrationSummary[]> {
  try {
    const found = await searchSources<Pick<MigrationRecord, (typeof SUMMARY_FIELDS)[number]>>(cluster, {
      index: JOURNAL,
      body: { size: 10_000, query: { term: { kind: 'migration' } }, sort: ['name'] },
      source: SUMMARY_FIELDS,
    });
    return found.map((record) => ({ name: record.name, state: record.state, phase: phaseOf(record) }));
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return [];
    throw error;
  }
}

/** Skips a record that can't be read. `twindex status` says what is wrong with it. */
function readOrSkip(source: unknown): MigrationRecord | undefined {
  try {
    return readRecord(source);
  } catch {
    return undefined;
  }
}

async function inTime(reading: Promise<JournalSnapshot>, ms: number): Promise<JournalSnapshot> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<JournalSnapshot>((resolve) => {
    timer = setTimeout(() => resolve(unreadable(ms)), ms);
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
  }
}
