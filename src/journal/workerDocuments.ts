// Workers: processes that copy windows for the coordinator. Both sides change a worker's document in the
// journal by compare-and-set: the coordinator hands out and removes windows, the worker answers.
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
  /** New each time a window is handed out. */
  id: z.string(),
  /** The record's id, and the name and token of the migration. */
  migration: z.string(),
  name: z.string(),
  token: z.number().int(),
  shard: z.number().int(),
  after: z.number().int(),
  upTo: z.number().int(),
  /** Null means no limit. */
  docsPerSecond: z.number().nullable(),
  /** Whether the coordinator asks for the window back. */
  stop: z.boolean(),
  /**
   * `done`: all of it is written. `stopped`: it is written up to the cursor. `failed`: like `stopped`,
   * because of an error. `unfit`: the worker has another index file. `unanswered`: a write may still arrive.
   */
  state: z.enum(['open', 'done', 'stopped', 'failed', 'unfit', 'unanswered']),
  /** Everything up to this `_seq_no` is written. */
  cursor: z.number().int(),
  handled: z.number().int(),
  /** The counts have the meaning that they have in the coordinator's `Tally`. */
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

/**
 * The coordinator's question, once per token, whether the worker has the same index file. Until it is
 * answered, the worker gets no window.
 */
const comparison = z.object({
  migration: z.string(),
  name: z.string(),
  token: z.number().int(),
  /** `asked` means that the worker has not answered yet. */
  result: z.enum(['asked', 'same', 'differs']),
  reason: z.string(),
});
export type Comparison = z.infer<typeof comparison>;

const workerSchema = z.object({
  kind: z.literal('worker'),
  id: z.string(),
  host: z.string(),
  pid: z.number().int(),
  /** The version of twindex. */
  twindex: z.string(),
  /** Names and patterns of the indexes that the worker copies for. */
  serves: z.array(z.string()),
  /** How many windows the worker copies at the same time. 0 means that it is about to leave. */
  slots: z.number().int(),
  leaseMs: z.number(),
  /** Grows with each write of the worker. */
  beat: z.number().int(),
  startedAt: z.string(),
  updatedAt: z.string(),
  /** The rate over the last seconds. */
  docsPerSecond: z.number(),
  comparisons: z.array(comparison).default([]),
  windows: z.array(handedOutWindow),
});
export type WorkerDocument = z.infer<typeof workerSchema>;
export type StoredWorker = StoredDocument<WorkerDocument>;

const where = (id: string) => ({ index: JOURNAL, id: workerId(id) });

/** @returns undefined when the document is missing or can't be read */
export async function loadWorker(cluster: Cluster, id: string): Promise<StoredWorker | undefined> {
  const found = await getDocument<unknown>(cluster, JOURNAL, workerId(id));
  return found && parsed(found);
}

/** Loads workers in one request, in realtime. Missing and unreadable documents are left out. */
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

/** All workers, also dead ones, as of the last refresh. Unreadable documents are left out. */
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

/** @returns the new document; undefined when another process has changed it */
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
 * Reads, changes and writes the document, and repeats that on a conflict.
 * @param change may be called twice; returns undefined to leave the document unchanged
 * @returns the present document; undefined when it is gone
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
