// The tasks of `_reindex` that run: found, slowed down, cancelled, and forgotten.
import { isTwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

interface Tasks {
  readonly nodes?: Record<string, { readonly tasks?: Record<string, { readonly description?: string }> }>;
}

/** Ids of the tasks that write to an alias whose name begins so. */
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

/** Asks it to end; it does so after the batch that it has in hand. */
export async function cancelTask(cluster: Cluster, task: string): Promise<void> {
  await quietly(cluster.connection.json({ method: 'POST', path: `/_tasks/${task}/_cancel` }));
}

/** Documents a second from now on; infinite: as fast as it goes. */
export async function rethrottleReindex(
  cluster: Cluster,
  task: string,
  docsPerSecond: number,
): Promise<void> {
  const rate = Number.isFinite(docsPerSecond) ? docsPerSecond : -1;
  await quietly(
    cluster.connection.json({
      method: 'POST',
      path: `/_reindex/${task}/_rethrottle`,
      query: { requests_per_second: rate },
    }),
  );
}

/** The engine keeps the result of every task for ever. Where nobody may delete it (a system index), it stays. */
export async function forgetTask(cluster: Cluster, task: string): Promise<void> {
  if (cluster.engine.name === 'elasticsearch' && cluster.engine.major >= 8) return;
  const path = `/.tasks/_doc/${encodeURIComponent(task)}`;
  await quietly(cluster.connection.send({ method: 'DELETE', path }));
}

async function quietly(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    // it has ended meanwhile, whoever looks at it next will see, or its result stays
    if (!isTwindexError(error)) throw error;
  }
}
