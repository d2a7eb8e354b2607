// Retries rejected documents at once, and reports the outcome of each.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../../cluster/cluster.js';
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import { refresh } from '../../../cluster/indices/refresh.js';
import { getDocs } from '../../../documents/getDocs.js';
import { JOURNAL } from '../../../protocol/names.js';
import { leaderOf } from '../../../protocol/clusterSides.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import { listRejected, type RejectedDocument } from '../../../journal/rejectedDocuments.js';
import { steerRunning } from './sendCommand.js';

export interface Replayed {
  readonly id: string;
  readonly routing: string | null;
  /** `gone`: the document was deleted on the leader. `notTried`: it was not retried in time. */
  readonly outcome: 'taken' | 'gone' | 'rejected' | 'notTried';
  readonly reason?: string;
}

const LOOK_MS = 300;
const PATIENCE_MS = 30_000;

/** All rejected documents of a migration, in the order of the last attempt to copy them. */
export async function rejectedOf(cluster: Cluster, record: MigrationRecord): Promise<RejectedDocument[]> {
  await refresh(cluster, JOURNAL);
  const found = await listRejected(cluster, record.id);
  return found.sort((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1));
}

/** @throws TwindexError `no_coordinator` if no coordinator is running */
export async function replay(
  cluster: Cluster,
  record: MigrationRecord,
  documents: readonly RejectedDocument[],
  signal: AbortSignal,
): Promise<Replayed[]> {
  const { name } = record;
  await steerRunning(cluster, name, 'replay', { signal, what: 'the documents are retried' });
  // Only attempts from now on count, since the coordinator may have made earlier ones before it saw the command.
  // A new attempt changes the time in the entry of the document.
  const before = byName(await rejectedOf(cluster, record));
  const end = performance.now() + PATIENCE_MS;
  const outcomes = new Map<RejectedDocument, Replayed>();
  for (;;) {
    const now = byName(await rejectedOf(cluster, record));
    for (const document of documents) {
      const found = now.get(nameOf(document));
      const { id, routing } = document;
      if (!found) outcomes.set(document, { id, routing, outcome: 'taken' });
      else if (found.at !== before.get(nameOf(document))?.at)
        outcomes.set(document, { id, routing, outcome: 'rejected', reason: found.reason });
      else outcomes.set(document, { id, routing, outcome: 'notTried' });
    }
    const all = documents.map((document) => outcomes.get(document) as Replayed);
    const waits = all.some(({ outcome }) => outcome === 'notTried');
    if (!waits || performance.now() > end) return await withoutGone(cluster, record, all);
    await sleep(LOOK_MS, undefined, { signal });
  }
}

async function withoutGone(
  cluster: Cluster,
  record: MigrationRecord,
  replayed: readonly Replayed[],
): Promise<Replayed[]> {
  const keys = replayed.map(({ id, routing }): DocumentKey => ({ id, routing: routing ?? undefined }));
  const leader = leaderOf(cluster, record);
  const docs = await getDocs(leader.cluster, leader.index, keys, { source: false });
  return replayed.map((each, n) =>
    each.outcome === 'taken' && !docs[n]?.found ? { ...each, outcome: 'gone' } : each,
  );
}

const byName = (documents: readonly RejectedDocument[]): ReadonlyMap<string, RejectedDocument> =>
  new Map(documents.map((each) => [nameOf(each), each]));

const nameOf = ({ id, routing }: Pick<RejectedDocument, 'id' | 'routing'>): string =>
  JSON.stringify([id, routing]);
