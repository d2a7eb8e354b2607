// Reads the history of a name from the journal: its past migrations and the present one.
import type { Cluster } from '../../../cluster/cluster.js';
import { refresh } from '../../../cluster/indices/refresh.js';
import { searchSources } from '../../../cluster/guardedReads.js';
import { isTwindexError, TwindexError } from '../../../errors.js';
import { loadRecord } from '../../../journal/journal.js';
import { JOURNAL } from '../../../protocol/names.js';
import { type HistoryEntry, type PastMigration, pastMigration } from '../../../protocol/record.js';
import { phaseOf } from '../../../protocol/states.js';

export interface MigrationHistory {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** How the migration ended, or its present phase. */
  readonly phase: string;
  readonly by: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly entries: readonly HistoryEntry[];
}

const MOST = 1_000;

/** The oldest migration comes first. @throws TwindexError `not_found` if there is none */
export async function getHistory(cluster: Cluster, name: string): Promise<MigrationHistory[]> {
  const present = await loadRecord(cluster, name);
  const archived = await archivedOf(cluster, name);
  // Count each migration once: if a coordinator has died while it began the next migration, the present one
  // is in the archive already.
  const all = new Map([...archived, ...(present ? [present.source] : [])].map((one) => [one.id, one]));
  if (all.size === 0)
    throw new TwindexError(
      'not_found',
      `${name} was never migrated, according to the journal of this cluster. See: twindex status`,
    );
  return [...all.values()].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1)).map(historyOf);
}

async function archivedOf(cluster: Cluster, name: string): Promise<PastMigration[]> {
  try {
    await refresh(cluster, JOURNAL);
    const found = await searchSources(cluster, {
      index: JOURNAL,
      body: {
        size: MOST,
        query: { bool: { filter: [{ term: { kind: 'history' } }, { term: { name } }] } },
        sort: ['_doc'],
      },
      source: Object.keys(pastMigration.shape),
    });
    return found.map((source) => read(source, name));
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return [];
    throw error;
  }
}

function read(source: unknown, name: string): PastMigration {
  const { success, data } = pastMigration.safeParse(source);
  if (success) return data;
  throw new TwindexError(
    'journal_unreadable',
    `the journal contains an earlier migration of ${name} that this version of twindex can't read`,
  );
}

function historyOf(record: PastMigration): MigrationHistory {
  const { id, source, target, state, startedAt, history } = record;
  const ended = state === 'finalized' || state === 'aborted';
  const end = history.findLast(({ what }) => what.endsWith(` -> ${state}`));
  return {
    id,
    from: source.index,
    to: target.index,
    phase: phaseOf(record),
    by: history[0]?.by ?? 'unknown',
    startedAt,
    endedAt: ended ? (end?.at ?? history.at(-1)?.at ?? startedAt) : null,
    entries: history,
  };
}
