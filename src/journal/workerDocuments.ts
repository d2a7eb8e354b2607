// The documents of workers in the journal. Coordinator and worker both change a worker's document by
// compare-and-set: the coordinator adds and removes windows, and the worker reports on them.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Cluster } from '../cluster/cluster.js';
import { backoffMs } from '../cluster/clusterConnection.js';
import { getDocument, type StoredDocument } from '../cluster/documents/getDocument.js';
import { putDocument } from '../cluster/documents/putDocument.js';
import { toItemError, toTwindexError } from '../cluster/engineErrors.js';
import { getMany, searchSources } from '../cluster/guardedReads.js';
import { isTwindexError } from '../errors.js';
import { JOURNAL, workerId } from '../protocol/names.js';

const handedOutWindow = z.object({
  /** A window that is handed out again gets a new id. */
  id: z.string(),
  migration: z.string(),
  name: z.string(),
  token: z.number().int(),
  shard: z.number().int(),
  after: z.number().int(),
  upTo: z.number().int(),
  docsPerSecond: z.number().nullable(),
  /** Whether the coordinator wants the window back. */
  stop: z.boolean(),
  /**
   * `done`: the whole window is written. `stopped`: the window is written up to the cursor. `failed`: like
   * `stopped`, because of an error. `unfit`: the worker has another index file than the coordinator.
   * `unanswered`: a write of the worker was not answered, and may still arrive.
   */
  state: z.enum(['open', 'done', 'stopped', 'failed', 'unfit', 'unanswered']),
  /** The documents up to this `_seq_no` are written. */
  cursor: z.number().int(),
  handled: z.number().int(),
  /** The counts have the same meaning as in the coordinator's `Tally`. */
  conflicts: z.number().int(),
  dropped: z.number().int(),
  busy: z.number().int(),
  /** Refused documents up to the cursor, which the coordinator saves. */
  refused: z.array(
    z.object({ id: z.string(), routing: z.string().nullable(), version: z.string(), reason: z.string() }),
  ),
  reason: z.string(),
});
export type HandedOutWindow = z.infer<typeof handedOutWindow>;

/** Whether the worker has the coordinator's index file. Asked once per token, before the first window. */
const comparison = z.object({
  migration: z.string(),
  name: z.string(),
  token: z.number().int(),
  result: z.enum(['asked', 'same', 'differs']),
  reason: z.string(),
});
export type Comparison = z.infer<typeof comparison>;

const workerSchema = z.object({
  kind: z.literal('worker'),
  id: z.string(),
  host: z.string(),
  pid: z.number().int(),
  /** The version of twindex that runs in the worker. */
  twindex: z.string(),
  /** Names and patterns of the indexes that the worker copies for. */
  serves: z.array(z.string()),
  /** How many windows the worker copies at the same time. 0 means that it is about to stop. */
  slots: z.number().int(),
  leaseMs: z.number(),
  /** Grows with each write of the worker. */
  beat: z.number().int(),
  startedAt: z.string(),
  updatedAt: z.string(),
  docsPerSecond: z.number(),
  comparisons: z.array(comparison).default([]),
  windows: z.array(handedOutWindow),
});
export type WorkerDocument = z.infer<typeof workerSchema>;
export type StoredWorker = StoredDocument<WorkerDocument>;

const where = (id: string) => ({ index: JOURNAL, id: workerId(id) });

export async function loadWorker(cluster: Cluster, id: string): Promise<StoredWorker | undefined> {
  const found = await getDocument<unknown>(cluster, JOURNAL, workerId(id));
  return found && parsed(found);
}

/** Loads the documents in one realtime request. Missing and unreadable documents are left out. */
export async function loadWorkers(
  cluster: Cluster,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredWorker>> {
  if (ids.length === 0) return new Map();
  const answer = await getMany(cluster, {
    index: JOURNAL,
    docs: ids.map((id) => ({ _id: workerId(id) })),
    source: true,
  });
  const { docs } = JSON.parse(answer.toString()) as { docs: FoundWorker[] };
  const failed = docs.find(({ error }) => error !== undefined)?.error;
  if (failed) throw toItemError(JOURNAL, failed);
  return new Map(
    docs.flatMap(({ found, _source, _seq_no = -1, _primary_term = -1 }, n) => {
      const stored = found ? parsed({ source: _source, seqNo: _seq_no, term: _primary_term }) : undefined;
      return stored ? [[ids[n] as string, stored] as const] : [];
    }),
  );
}

interface FoundWorker {
  readonly found?: boolean;
  readonly _source?: unknown;
  readonly _seq_no?: number;
  readonly _primary_term?: number;
  readonly error?: { readonly type: string; readonly reason: string };
}

function parsed({ source, ...at }: StoredDocument<unknown>): StoredWorker | undefined {
  const { success, data } = workerSchema.safeParse(source);
  return success ? { source: data, ...at } : undefined;
}

/** All workers, including dead ones, as of the journal's last refresh. Unreadable documents are left out. */
export async function findWorkers(cluster: Cluster): Promise<WorkerDocument[]> {
  try {
    const found = await searchSources(cluster, {
      index: JOURNAL,
      body: { size: 1_000, query: { term: { kind: 'worker' } }, sort: ['_doc'] },
    });
    return found.flatMap((source) => {
      const { success, data } = workerSchema.safeParse(source);
      return success ? [data] : [];
    });
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return [];
    throw error;
  }
}

export async function createWorker(cluster: Cluster, worker: WorkerDocument): Promise<void> {
  await putDocument(cluster, where(worker.id), worker, 'any');
}

export async function replaceWorker(
  cluster: Cluster,
  over: StoredWorker,
  worker: WorkerDocument,
): Promise<StoredWorker | undefined> {
  const written = await putDocument(cluster, where(worker.id), worker, over);
  return written.type === 'written'
    ? { source: worker, seqNo: written.seqNo, term: written.term }
    : undefined;
}

/**
 * @param change may be called again after a conflict. It returns undefined to leave the document unchanged
 * @returns the present document; undefined if it is gone
 * @throws TwindexError `unanswered`: the change may still take effect
 */
export async function changeWorker(
  cluster: Cluster,
  id: string,
  change: (worker: WorkerDocument) => WorkerDocument | undefined,
): Promise<StoredWorker | undefined> {
  for (let attempt = 0; ; attempt++) {
    const found = await loadWorker(cluster, id);
    const changed = found && change(found.source);
    if (!changed) return found;
    const written = await replaceWorker(cluster, found, changed);
    if (written) return written;
    await sleep(Math.min(200, backoffMs(attempt)));
  }
}

export async function removeWorker(cluster: Cluster, { source, seqNo, term }: StoredWorker): Promise<void> {
  const request = {
    method: 'DELETE',
    path: `/${JOURNAL}/_doc/${encodeURIComponent(workerId(source.id))}`,
    query: { if_seq_no: seqNo, if_primary_term: term },
  } as const;
  const answer = await cluster.connection.send({ ...request, repeat: 'always' });
  if (answer.status >= 300 && answer.status !== 404 && answer.status !== 409)
    throw toTwindexError(request, answer);
}
