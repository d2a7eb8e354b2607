// Runs the application's searches on both indexes, and shows a rejected document before and after the transform.
// This happens only when a person asks for it, since it reads documents.
import { definitionOf, type Project } from '../api/project.js';
import { showRejected } from '../coordinator/migration/duties/rejectedDocument.js';
import { openReplay } from '../coordinator/migration/duties/queryReplay.js';
import { TwindexError } from '../errors.js';
import { loadRecord } from '../journal/journal.js';
import { listRejected } from '../journal/rejectedDocuments.js';
import { isOver, type MigrationRecord } from '../protocol/record.js';
import { queriesOf } from '../queries/loadQueries.js';
import { titleOf } from '../queries/recordedQuery.js';
import type { RejectedView, SearchesView } from './pageTypes.js';

const MOST_SEARCHES = 50;
const SLICE_MS = 1_000;

/** Sends the declared and the recorded searches to both indexes. */
export async function compareSearches(
  project: Project,
  name: string,
  signal: AbortSignal,
): Promise<SearchesView> {
  const { cluster } = project;
  const record = await requireRunning(project, name);
  const queries = (await queriesOf(cluster, await definitionOf(project, name))).slice(0, MOST_SEARCHES);
  if (queries.length === 0)
    throw new TwindexError('not_found', `there are no searches of ${name} to compare`, {
      hint: `Name a file with searches as \`queries\` in the index file, or record some: twindex reads ${name} --record 5%`,
    });
  const replay = await openReplay(cluster, record, queries);
  while (!replay.done) await replay.slice(SLICE_MS, signal);
  const { requests, results } = replay.report();
  return {
    requests,
    results: results.map(
      ({ query, error, overlapAt10, totalBefore, totalAfter, msBefore, msAfter, before, after }) => ({
        title: titleOf(query),
        error: error ?? '',
        overlapAt10,
        totalBefore: totalBefore ?? null,
        totalAfter: totalAfter ?? null,
        msBefore,
        msAfter,
        before,
        after,
      }),
    ),
  };
}

/** @throws TwindexError `not_found` if no such document is rejected */
export async function viewRejected(
  project: Project,
  { name, id, routing }: { readonly name: string; readonly id: string; readonly routing: string | null },
  signal: AbortSignal,
): Promise<RejectedView> {
  const { cluster } = project;
  const record = await requireRunning(project, name);
  const found = (await listRejected(cluster, record.id)).find(
    (one) => one.id === id && one.routing === routing,
  );
  if (!found) throw new TwindexError('not_found', `no document ${id} of ${name} is rejected now`);
  const definition = await definitionOf(project, name);
  const shown = await showRejected(
    { cluster, record, definition, signal },
    { id, routing: routing ?? undefined },
  );
  const { becomes } = shown;
  return {
    id,
    reason: found.reason,
    before: shown.document ?? null,
    after: becomes?.type === 'index' ? becomes.document : null,
    instead:
      becomes?.type === 'drop'
        ? 'The transform drops it.'
        : becomes?.type === 'refused'
          ? becomes.reason
          : '',
  };
}

async function requireRunning({ cluster }: Project, name: string): Promise<MigrationRecord> {
  const record = (await loadRecord(cluster, name))?.source;
  if (record && !isOver(record)) return record;
  throw new TwindexError('not_found', `no migration of ${name} is under way`);
}
