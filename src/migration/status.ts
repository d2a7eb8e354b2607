// What `twindex status` shows, read from the journal.
import type { Cluster } from '../cluster/cluster.js';
import { refresh } from '../cluster/operations/refresh.js';
import { searchSources } from '../cluster/reads.js';
import { findTroubles, type Trouble } from '../cluster/troubles.js';
import { isTwindexError, TwindexError } from '../errors.js';
import { loadRecord } from '../journal/journal.js';
import { JOURNAL } from '../journal/names.js';
import { isOver, type MigrationRecord, readRecord } from '../journal/record.js';
import { type RejectedSummary, summariseRejected } from '../journal/rejected.js';
import { findWorkers, type WorkerDocument } from '../journal/workers.js';
import { listWriters, type WriterDocument } from '../journal/writers.js';
import { isPattern } from '../schema/family.js';
import { matchesWildcard } from '../mirror/indexExpression.js';
import { isOurs } from './clusterWatch.js';
import { type Phase, phaseOf } from './states.js';

export interface MigrationStatus {
  readonly name: string;
  readonly phase: Phase;
  readonly record: MigrationRecord;
  readonly rejected: RejectedSummary;
  /** Gateways and client libraries that are registered for this name. */
  readonly writers: readonly WriterDocument[];
  /** Documents that were written past the writers of ours while they were mirroring, at least. */
  readonly pastWriters: number;
  /** What keeps its indexes or the journal from being read or written, as it is now. */
  readonly troubles: readonly string[];
  /** While documents are copied: processes that help, also those that have died lately. */
  readonly workers: readonly WorkerDocument[];
}

const SHOWN = 10;

/** Of one migration, of those that a pattern (`tenant-*`) matches, or of all that the journal knows. Empty where there is none. */
export async function getStatus(cluster: Cluster, name?: string): Promise<MigrationStatus[]> {
  const ofJournal = await demandReadable(cluster);
  // rejected documents are searched for, and the newest are wanted
  await refresh(cluster, JOURNAL).catch(() => undefined);
  const records =
    name === undefined || isPattern(name)
      ? await allRecords(cluster, name)
      : [await loadRecord(cluster, name)].flatMap((r) => (r ? [r.source] : []));
  const writers = records.some((record) => !isOver(record)) ? await listWriters(cluster) : [];
  const workers = records.some(isCopying) ? await findWorkers(cluster) : [];
  const troubles = await troublesOf(cluster, records);
  return await Promise.all(
    records.map(async (record) => ({
      name: record.name,
      phase: phaseOf(record),
      record,
      ...writersOf(record, writers),
      troubles: isOver(record)
        ? []
        : [...ofJournal, ...troubles.filter((trouble) => concerns(record, trouble))].map(({ text }) => text),
      workers: isCopying(record) ? workers.filter(({ serves }) => servesName(serves, record.name)) : [],
      rejected: await summariseRejected(cluster, record.id, SHOWN),
    })),
  );
}

/**
 * @returns what keeps the journal from being written
 * @throws TwindexError when it can't be read: every request to it would only wait
 */
async function demandReadable(cluster: Cluster): Promise<readonly Trouble[]> {
  const troubles = await findTroubles(cluster, [JOURNAL]);
  const worst = troubles.find(({ kind }) => kind !== 'block');
  if (worst)
    throw new TwindexError(
      worst.kind === 'unanswered' ? 'unanswered' : 'overloaded',
      `the journal can't be read, so where migrations stand is not known: ${worst.text}`,
    );
  return troubles.map(({ text, ...trouble }) => ({
    ...trouble,
    text: `${text}. Until then nothing can be saved in the journal, and what it says may be out of date`,
  }));
}

/** So many migrations are looked at. */
const MAX_LOOKED_AT = 50;

async function troublesOf(
  cluster: Cluster,
  records: readonly MigrationRecord[],
): Promise<readonly Trouble[]> {
  const running = records.filter((record) => !isOver(record)).slice(0, MAX_LOOKED_AT);
  const here = running.flatMap(({ source, target, sourceCluster }) =>
    sourceCluster === null ? [source.index, target.index] : [target.index],
  );
  return here.length === 0 ? [] : await findTroubles(cluster, here);
}

const concerns = ({ source, target, state }: MigrationRecord, { index, text }: Trouble): boolean =>
  (index === source.index || index === target.index) && !isOurs(text, state);

/** Of this one. @throws TwindexError `not_found` when the journal does not know it */
export async function demandStatus(cluster: Cluster, name: string): Promise<MigrationStatus> {
  const [status] = await getStatus(cluster, name);
  if (status) return status;
  throw new TwindexError('not_found', `no migration of ${name} is known. See: twindex status`);
}

const isCopying = ({ state }: MigrationRecord): boolean => state === 'creating' || state === 'copying';

const servesName = (serves: readonly string[], name: string): boolean =>
  serves.some((pattern) => matchesWildcard(pattern, name));

function writersOf(
  record: MigrationRecord,
  all: readonly WriterDocument[],
): Pick<MigrationStatus, 'writers' | 'pastWriters'> {
  if (isOver(record)) return { writers: [], pastWriters: 0 };
  const writers = all.filter(({ names }) => names.includes(record.name));
  return { writers, pastWriters: record.evidence.pastWriters };
}

async function allRecords(cluster: Cluster, pattern = '*'): Promise<MigrationRecord[]> {
  try {
    const found = await searchSources<{ readonly name?: string }>(cluster, {
      index: JOURNAL,
      body: { size: 10_000, query: { term: { kind: 'migration' } }, sort: ['name'] },
    });
    // here, and not in the search: a cluster may refuse wildcards (search.allow_expensive_queries)
    return found.filter(({ name = '' }) => matchesWildcard(pattern, name)).map(readRecord);
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return [];
    throw error;
  }
}
