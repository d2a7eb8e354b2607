// Reads the data for `twindex status` from the journal.
import type { Cluster } from '../../../cluster/cluster.js';
import { refresh } from '../../../cluster/indices/refresh.js';
import { searchSources } from '../../../cluster/guardedReads.js';
import { findTroubles, type Trouble } from '../../../cluster/troubles.js';
import { isTwindexError, messageOf, TwindexError } from '../../../errors.js';
import { inspectRecord, loadRecord } from '../../../journal/journal.js';
import { JOURNAL } from '../../../protocol/names.js';
import {
  isOfNewerFormat,
  isOver,
  type MigrationRecord,
  OVERVIEW_FIELDS,
  readRecord,
} from '../../../protocol/record.js';
import { type RejectedSummary, summariseRejected } from '../../../journal/rejectedDocuments.js';
import { findWorkers, type WorkerDocument } from '../../../journal/workerDocuments.js';
import { listWriters, type WriterDocument } from '../../../journal/writerDocuments.js';
import { isPattern } from '../../../schema/family.js';
import { matchesWildcard } from '../../../cluster/indexExpression.js';
import { isOurs } from '../duties/clusterWatch.js';
import { closedText, findLostIndex, movedAliases, movedText, unmovableText } from '../recovery/damage.js';
import { findLost, findTraces } from '../../../journal/recoverRecord.js';
import { KEPT_IN_STEP, type Phase, phaseOf } from '../../../protocol/states.js';
import { type MovingAliases, surveyAliases, surveyIndexes } from '../recovery/survey.js';

export interface MigrationStatus {
  readonly name: string;
  readonly phase: Phase;
  readonly record: MigrationRecord;
  readonly rejected: RejectedSummary;
  readonly writers: readonly WriterDocument[];
  /** At least this many documents bypassed the writers while the writers mirrored. */
  readonly pastWriters: number;
  /** Problems that prevent reads or writes of the indexes or the journal. */
  readonly troubles: readonly string[];
  /** The workers, including those that have died recently. Empty unless documents are being copied. */
  readonly workers: readonly WorkerDocument[];
}

/** The part of the status that a table of many migrations shows. The record has no history. */
export type MigrationOverview = Pick<MigrationStatus, 'name' | 'phase' | 'record' | 'troubles'>;

const SHOWN = 10;

/** @param name a name or a pattern such as `tenant-*`; default: all migrations in the journal */
export async function getStatus(
  cluster: Cluster,
  name?: string,
  timeoutMs?: number,
): Promise<MigrationStatus[]> {
  const ofJournal = await requireReadable(cluster, timeoutMs);
  // refresh, so that the search for rejected documents also finds the newest
  await refresh(cluster, JOURNAL).catch(() => undefined);
  const records =
    name === undefined || isPattern(name)
      ? await allRecords(cluster, name)
      : await recordNamed(cluster, name);
  const writers = records.some((record) => !isOver(record)) ? await listWriters(cluster) : [];
  const workers = records.some(isCopying) ? await findWorkers(cluster) : [];
  const troubles = await troublesOf(cluster, records, timeoutMs);
  return await Promise.all(
    records.map(async (record) => ({
      name: record.name,
      phase: phaseOf(record),
      record,
      ...writersOf(record, writers),
      troubles: isOver(record)
        ? []
        : [...textsFor(record, ofJournal, troubles), ...(await damagesOf(cluster, record))],
      workers: isCopying(record) ? workers.filter(({ serves }) => servesName(serves, record.name)) : [],
      rejected: await summariseRejected(cluster, record.id, SHOWN),
    })),
  );
}

/**
 * Reads all migrations that match a pattern, or all in the journal, with few requests, however many there
 * are.
 * @param timeoutMs after this time the cluster counts as not answering
 */
export async function getOverview(
  cluster: Cluster,
  pattern?: string,
  timeoutMs?: number,
): Promise<MigrationOverview[]> {
  const ofJournal = await requireReadable(cluster, timeoutMs);
  const records = await allRecords(cluster, pattern, OVERVIEW_FIELDS);
  const troubles = await troublesOf(cluster, records, timeoutMs);
  return records.map((record) => ({
    name: record.name,
    phase: phaseOf(record),
    record,
    troubles: isOver(record) ? [] : textsFor(record, ofJournal, troubles),
  }));
}

/** The names of all migrations in the journal, including migrations that are over. */
export async function getNames(cluster: Cluster): Promise<string[]> {
  try {
    const found = await searchSources<{ readonly name?: string }>(cluster, {
      ...ALL_MIGRATIONS,
      source: ['name'],
    });
    return found.flatMap(({ name }) => name ?? []);
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return [];
    throw error;
  }
}

/** @throws TwindexError if the journal can't be read. Otherwise every request to it would time out */
async function requireReadable(cluster: Cluster, timeoutMs: number | undefined): Promise<readonly Trouble[]> {
  const troubles = await findTroubles(cluster, [JOURNAL], undefined, timeoutMs);
  const worst = troubles.find(({ kind }) => kind !== 'block');
  if (worst)
    throw new TwindexError(
      worst.kind === 'unanswered' ? 'unanswered' : 'overloaded',
      `the journal can't be read, so the state of migrations is unknown: ${worst.text}`,
    );
  return troubles.map(({ text, ...trouble }) => ({
    ...trouble,
    text: `${text}. While the journal can't be written, this status may be out of date`,
  }));
}

const MAX_CHECKED = 50;

async function troublesOf(
  cluster: Cluster,
  records: readonly MigrationRecord[],
  timeoutMs: number | undefined,
): Promise<readonly Trouble[]> {
  const running = records.filter((record) => !isOver(record)).slice(0, MAX_CHECKED);
  const here = running.flatMap(({ source, target, sourceCluster }) =>
    sourceCluster === null ? [source.index, target.index] : [target.index],
  );
  return here.length === 0 ? [] : await findTroubles(cluster, here, undefined, timeoutMs);
}

/** The troubles of the journal, and of the indexes of this migration. */
const textsFor = (
  record: MigrationRecord,
  ofJournal: readonly Trouble[],
  troubles: readonly Trouble[],
): string[] =>
  [...ofJournal, ...troubles.filter((trouble) => concerns(record, trouble))].map(({ text }) => text);

const concerns = ({ source, target, state }: MigrationRecord, { index, text }: Trouble): boolean =>
  (index === source.index || index === target.index) && !isOurs(text, state);

/** @throws TwindexError `not_found` if the journal has no migration of this name */
export async function requireStatus(cluster: Cluster, name: string): Promise<MigrationStatus> {
  const [status] = await getStatus(cluster, name);
  if (status) return status;
  throw new TwindexError('not_found', `the journal has no migration of ${name}. See: twindex status`);
}

/** A migration that is running according to the indexes, but whose record is missing or damaged. */
export interface LostMigration {
  readonly name: string;
  /** The known facts, and the commands that help. */
  readonly text: string;
}

export async function getLost(cluster: Cluster, name?: string): Promise<LostMigration[]> {
  const traces = await findTraces(cluster, name === undefined || isPattern(name) ? '*' : name);
  const names = [...new Set(traces.map((trace) => trace.name))].filter(
    (one) => name === undefined || matchesWildcard(name, one),
  );
  const found = await Promise.all(names.slice(0, MAX_CHECKED).map((one) => describeLost(cluster, one)));
  return found.flatMap((one) => one ?? []);
}

async function describeLost(cluster: Cluster, name: string): Promise<LostMigration | undefined> {
  try {
    const record = await findLost(cluster, name);
    if (!record) return undefined;
    const { source, target, leader, readers, halted } = record;
    const where = `${source.index} -> ${target.index}, readers on ${record[readers].index}, writers on ${record[leader].index}`;
    return { name, text: `${where}. ${halted?.text}` };
  } catch (error) {
    if (!isTwindexError(error, 'unsafe')) throw error;
    return { name, text: messageOf(error) };
  }
}

async function damagesOf(cluster: Cluster, record: MigrationRecord): Promise<string[]> {
  if (isOver(record)) return [];
  try {
    const lost = findLostIndex(record, await surveyIndexes(cluster, record));
    if (lost) return [lost.text];
    const found = await surveyAliases(cluster, record);
    const unmovable = unmovableText(record, found);
    const unnoticed = await whatNobodyHasSeen(cluster, record, found);
    return [unmovable, ...unnoticed].filter((text) => text !== undefined);
  } catch (error) {
    // Report nothing: the user may lack the permission to see the indexes.
    if (!isTwindexError(error)) throw error;
    return [];
  }
}

/** Texts about moved or closed aliases that no coordinator has noticed yet. */
async function whatNobodyHasSeen(
  cluster: Cluster,
  record: MigrationRecord,
  found: readonly MovingAliases[],
): Promise<(string | undefined)[]> {
  if (record.halted || !KEPT_IN_STEP.has(record.state)) return [];
  const moved = movedAliases(record, found);
  const closed = closedText(record, found);
  if (moved.length === 0 && closed === undefined) return [];
  // Read the record again: twindex itself may have moved or closed the aliases since it was read.
  const now = (await loadRecord(cluster, record.name))?.source;
  if (now?.state !== record.state || now.history.length !== record.history.length) return [];
  return [moved.length > 0 ? movedText(record, moved) : undefined, closed];
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

async function recordNamed(cluster: Cluster, name: string): Promise<MigrationRecord[]> {
  const inspected = await inspectRecord(cluster, name);
  if (inspected.type === 'read') return [inspected.stored.source];
  if (inspected.type === 'damaged' && !(await findLost(cluster, name))) throw inspected.why;
  return [];
}

function readOrSkip(source: unknown): MigrationRecord | undefined {
  try {
    return readRecord(source);
  } catch (error) {
    if (!isTwindexError(error, 'journal_unreadable') || isOfNewerFormat(source)) throw error;
    return undefined;
  }
}

const ALL_MIGRATIONS = {
  index: JOURNAL,
  body: { size: 10_000, query: { term: { kind: 'migration' } }, sort: ['name'] },
};

/** @param fields by default all of them */
async function allRecords(
  cluster: Cluster,
  pattern = '*',
  fields?: readonly string[],
): Promise<MigrationRecord[]> {
  try {
    const found = await searchSources<{ readonly name?: string }>(cluster, {
      ...ALL_MIGRATIONS,
      ...(fields ? { source: fields } : {}),
    });
    // Match names here, since a cluster may refuse wildcards in a search (search.allow_expensive_queries).
    // Skip a record that can't be read; `getLost` reports it.
    return found
      .filter(({ name = '' }) => matchesWildcard(pattern, name))
      .flatMap((one) => readOrSkip(fields ? { ...one, history: [] } : one) ?? []);
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return [];
    throw error;
  }
}
