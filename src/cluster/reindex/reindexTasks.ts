// Operations on running `_reindex` tasks: find, throttle and cancel them, and delete their results.
import { isTwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

interface Tasks {
  readonly nodes?: Record<string, { readonly tasks?: Record<string, { readonly description?: string }> }>;
}

/** The ids of the running tasks that write to a feed whose name begins with `feedPrefix`. */
export async function findReindexTasks(cluster: Cluster, feedPrefix: string): Promise<string[]> {
  const { nodes = {} } = await cluster.connection.json<Tasks>({
    method: 'GET',
    path: '/_tasks',
    query: { actions: '*data/write/reindex', detailed: true, filter_path: 'nodes.*.tasks.*.description' },
    repeat: 'always',
  });
  return Object.values(nodes).flatMap(({ tasks = {} }) =>
    Object.entries(tasks)
      .filter(([, { description }]) => description?.includes(`[${feedPrefix}`))
      .map(([id]) => id),
  );
}

/** Asks a task to end. It ends after its present batch. */
export async function cancelTask(cluster: Cluster, task: string): Promise<void> {
  await ignoringFailure(cluster.connection.json({ method: 'POST', path: `/_tasks/${task}/_cancel` }));
}

export async function rethrottleReindex(
  cluster: Cluster,
  task: string,
  docsPerSecond: number,
): Promise<void> {
  const rate = Number.isFinite(docsPerSecond) ? docsPerSecond : -1;
  await ignoringFailure(
    cluster.connection.json({
      method: 'POST',
      path: `/_reindex/${task}/_rethrottle`,
      query: { requests_per_second: rate },
    }),
  );
}

/**
 * Deletes a task's result, which the engine would keep for ever. Elasticsearch 8 and later forbid this, and so may the
 * security of an OpenSearch cluster.
 */
export async function forgetTask(cluster: Cluster, task: string): Promise<void> {
  if (cluster.engine.name === 'elasticsearch' && cluster.engine.major >= 8) return;
  const path = `/.tasks/_doc/${encodeURIComponent(task)}`;
  await ignoringFailure(cluster.connection.send({ method: 'DELETE', path, mayBeRefused: true }));
}

async function ignoringFailure(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    // The task may have ended meanwhile, which the caller notices. A result that was not deleted does no harm.
    if (!isTwindexError(error)) throw error;
  }
}
