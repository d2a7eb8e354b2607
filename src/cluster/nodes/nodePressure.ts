// GET /_nodes/stats: the load of the nodes, which shows whether copying disturbs other clients.
import type { Cluster } from '../cluster.js';

export interface NodePressure {
  /** The heap use of the node with the fullest heap, 0 to 100. */
  readonly heapPercent: number;
  /** The use of the indexing memory limit on the node where it is highest, 0 to 1; 0 if not reported. */
  readonly indexing: number;
  /** The number of waiting writes on the node where most writes wait. */
  readonly writeQueue: number;
  /** The number of waiting searches on the node where most searches wait. */
  readonly searchQueue: number;
  /** How many writes and searches all nodes together have rejected since they started. */
  readonly rejected: number;
}

interface Pool {
  readonly queue?: number;
  readonly rejected?: number;
}

interface Node {
  readonly jvm?: { readonly mem?: { readonly heap_used_percent?: number } };
  readonly thread_pool?: { readonly write?: Pool; readonly search?: Pool };
  readonly indexing_pressure?: {
    readonly memory?: {
      readonly limit_in_bytes?: number;
      readonly current?: { readonly all_in_bytes?: number };
      readonly total?: { readonly coordinating_rejections?: number; readonly primary_rejections?: number };
    };
  };
}

const FIELDS = [
  'nodes.*.jvm.mem.heap_used_percent',
  'nodes.*.thread_pool.write',
  'nodes.*.thread_pool.search',
  'nodes.*.indexing_pressure.memory',
].join(',');

export async function nodePressure(cluster: Cluster, signal?: AbortSignal): Promise<NodePressure> {
  const { nodes = {} } = await cluster.connection.json<{ readonly nodes?: Record<string, Node> }>({
    method: 'GET',
    path: '/_nodes/stats/jvm,thread_pool,indexing_pressure',
    query: { filter_path: FIELDS },
    signal,
  });
  const all = Object.values(nodes);
  const most = (of: (node: Node) => number | undefined): number =>
    Math.max(0, ...all.map((node) => of(node) ?? 0));
  const sum = (of: (node: Node) => number): number => all.reduce((total, node) => total + of(node), 0);
  return {
    heapPercent: most(({ jvm }) => jvm?.mem?.heap_used_percent),
    indexing: most(({ indexing_pressure: { memory } = {} }) =>
      memory?.limit_in_bytes ? (memory.current?.all_in_bytes ?? 0) / memory.limit_in_bytes : 0,
    ),
    writeQueue: most(({ thread_pool: pools }) => pools?.write?.queue),
    searchQueue: most(({ thread_pool: pools }) => pools?.search?.queue),
    rejected: sum(
      ({ thread_pool: pools, indexing_pressure: { memory } = {} }) =>
        (pools?.write?.rejected ?? 0) +
        (pools?.search?.rejected ?? 0) +
        (memory?.total?.coordinating_rejections ?? 0) +
        (memory?.total?.primary_rejections ?? 0),
    ),
  };
}
