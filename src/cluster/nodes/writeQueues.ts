// GET /_nodes/stats/thread_pool: how many writes wait for a thread.
import type { Cluster } from '../cluster.js';

export interface WriteQueue {
  /** How many requests wait now. */
  readonly waiting: number;
  /** How many requests were carried out since the node started. */
  readonly completed: number;
}

interface Nodes {
  readonly nodes?: Readonly<
    Record<
      string,
      { readonly thread_pool?: { readonly write?: { readonly queue?: number; readonly completed?: number } } }
    >
  >;
}

/** @returns the queue of each node, by the node's id */
export async function writeQueues(
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, WriteQueue>> {
  const { nodes = {} } = await cluster.connection.json<Nodes>({
    method: 'GET',
    path: '/_nodes/stats/thread_pool',
    query: { filter_path: 'nodes.*.thread_pool.write.queue,nodes.*.thread_pool.write.completed' },
    signal,
  });
  return new Map(
    Object.entries(nodes).map(([id, { thread_pool: { write: { queue = 0, completed = 0 } = {} } = {} }]) => [
      id,
      { waiting: queue, completed },
    ]),
  );
}
