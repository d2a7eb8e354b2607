// POST /_reindex as a task that copies a range of one shard inside the engine, and the state of this task.
import type { Cluster } from '../cluster.js';
import { isTwindexError } from '../../errors.js';
import { OWN_SEARCHES } from '../guardedReads.js';

export interface ReindexRequest {
  readonly source: string;
  /** The alias that the task writes to. If it does not exist, nothing is written. */
  readonly feed: string;
  readonly shard: number;
  readonly shards: number;
  /** The task copies live documents with `after < _seq_no <= upTo`. */
  readonly after: number;
  readonly upTo: number;
  /** The number of documents in each scroll page and bulk. */
  readonly batch: number;
  /** Infinity: no limit. */
  readonly docsPerSecond: number;
  /** The ingest pipeline for all documents. Default: none, not even the index's default pipeline. */
  readonly pipeline?: string | undefined;
}

export async function startReindex(cluster: Cluster, request: ReindexRequest): Promise<string> {
  const { source, feed, shard, shards, after, upTo, batch, docsPerSecond, pipeline = '_none' } = request;
  const { task } = await cluster.connection.json<{ task: string }>({
    method: 'POST',
    path: '/_reindex',
    query: {
      wait_for_completion: false,
      require_alias: true,
      requests_per_second: Number.isFinite(docsPerSecond) ? docsPerSecond : -1,
    },
    body: {
      conflicts: 'proceed',
      source: {
        index: source,
        size: batch,
        // switches off the cluster's `search.default_search_timeout`
        timeout: '-1',
        stats: [OWN_SEARCHES],
        query: { range: { _seq_no: { gt: after, lte: upTo } } },
        // if there are as many slices as shards, the engine makes each shard one slice
        ...(shards > 1 ? { slice: { id: shard, max: shards } } : {}),
      },
      dest: { index: feed, version_type: 'external', pipeline },
    },
  });
  return task;
}

interface ReindexFailure {
  readonly id?: string;
  readonly status?: number;
  /** The cause, if a document could not be written. */
  readonly cause?: { readonly type: string; readonly reason?: string };
  /** The cause, if a search failed. */
  readonly reason?: { readonly type: string; readonly reason?: string };
}

export interface ReindexState {
  readonly completed: boolean;
  readonly total: number;
  readonly created: number;
  readonly updated: number;
  readonly conflicts: number;
  readonly noops: number;
  /** How often the task has retried a batch that was rejected because the engine was too busy. */
  readonly retries: number;
  readonly failures: readonly ReindexFailure[];
  readonly cancelled: boolean;
  /** True if a search of the task returned only some of its hits. */
  readonly timedOut: boolean;
  readonly error: { readonly type: string; readonly reason?: string } | undefined;
}

interface Counts {
  readonly total?: number;
  readonly created?: number;
  readonly updated?: number;
  readonly version_conflicts?: number;
  readonly noops?: number;
  readonly retries?: { readonly bulk?: number; readonly search?: number };
}

interface TaskAnswer {
  readonly completed: boolean;
  readonly task: { readonly status?: Counts };
  readonly response?: Counts & {
    readonly failures?: readonly ReindexFailure[];
    readonly canceled?: string;
    readonly timed_out?: boolean;
  };
  readonly error?: { readonly type: string; readonly reason?: string };
}

/** @returns undefined if the engine does not know the task, because its node is gone */
export async function getReindexState(cluster: Cluster, task: string): Promise<ReindexState | undefined> {
  try {
    const answer = await cluster.connection.json<TaskAnswer>({
      method: 'GET',
      path: `/_tasks/${task}`,
      repeat: 'always',
    });
    return stateOf(answer);
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return undefined;
    throw error;
  }
}

function stateOf({ completed, task, response, error }: TaskAnswer): ReindexState {
  const counts = response ?? task.status ?? {};
  return {
    completed,
    total: counts.total ?? 0,
    created: counts.created ?? 0,
    updated: counts.updated ?? 0,
    conflicts: counts.version_conflicts ?? 0,
    noops: counts.noops ?? 0,
    retries: (counts.retries?.bulk ?? 0) + (counts.retries?.search ?? 0),
    failures: response?.failures ?? [],
    cancelled: response?.canceled !== undefined,
    timedOut: response?.timed_out ?? false,
    error,
  };
}
