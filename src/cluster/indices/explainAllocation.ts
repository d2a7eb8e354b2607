// POST /_cluster/allocation/explain: why a primary shard is unassigned.
import type { Cluster } from '../cluster.js';

interface Explanation {
  readonly can_allocate?: string;
  readonly allocate_explanation?: string;
  readonly node_allocation_decisions?: readonly {
    readonly deciders?: readonly { readonly decision: string; readonly explanation: string }[];
  }[];
}

const PASSING: ReadonlySet<string> = new Set(['yes', 'throttled', 'awaiting_info']);

/** @returns the engine's explanation; undefined if the shard is assigned or about to be */
export async function explainAllocation(
  cluster: Cluster,
  { index, shard }: { readonly index: string; readonly shard: number },
  how: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  const found = await cluster.connection.json<Explanation>({
    ...how,
    method: 'POST',
    path: '/_cluster/allocation/explain',
    body: { index, shard, primary: true },
    repeat: 'never',
  });
  const { can_allocate: can, allocate_explanation: all = '', node_allocation_decisions: nodes = [] } = found;
  if (can === undefined || PASSING.has(can)) return undefined;
  const reasons = nodes
    .flatMap(({ deciders = [] }) => deciders)
    .filter(({ decision }) => decision === 'NO')
    .map(({ explanation }) => explanation);
  return [...new Set(reasons)].slice(0, 3).join('; ') || all || can;
}
