// POST /_aliases: several actions in one atomic change of the cluster state. The request is never retried.
import { isTwindexError } from '../../errors.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import type { Cluster } from '../cluster.js';

export interface AliasProperties {
  readonly filter?: JsonObject;
  readonly index_routing?: string;
  readonly search_routing?: string;
  readonly is_write_index?: boolean;
  readonly is_hidden?: boolean;
}

export type AliasAction =
  | { readonly add: { readonly index: string; readonly alias: string } & AliasProperties }
  | { readonly remove: { readonly index: string; readonly alias: string; readonly must_exist?: boolean } }
  | { readonly remove_index: { readonly index: string; readonly must_exist?: boolean } };

export function indexOf(action: AliasAction): string {
  if ('add' in action) return action.add.index;
  return 'remove' in action ? action.remove.index : action.remove_index.index;
}

/**
 * @returns `missing` if an alias or index does not exist although the actions require it; then no action was
 * carried out
 * @throws TwindexError `unanswered` if the outcome is unknown
 */
export async function updateAliases(
  cluster: Cluster,
  actions: readonly AliasAction[],
  timeoutMs?: number,
): Promise<{ readonly type: 'done' } | { readonly type: 'missing'; readonly reason: string }> {
  try {
    const answer = await cluster.connection.json<{ acknowledged?: boolean }>({
      method: 'POST',
      path: '/_aliases',
      body: { actions },
      timeoutMs,
      repeat: 'never',
    });
    // acknowledged:false: the elected node has made the change, but perhaps not all nodes have applied it yet
    return answer.acknowledged === false ? await waitForClusterState(cluster) : { type: 'done' };
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return { type: 'missing', reason: error.message };
    throw error;
  }
}

/** Waits until every change of the cluster state that was requested earlier is either made or refused. */
export async function waitForClusterState(cluster: Cluster): Promise<{ readonly type: 'done' }> {
  await cluster.connection.json({
    method: 'GET',
    path: '/_cluster/health',
    query: { wait_for_events: 'languid', timeout: '30s' },
    repeat: 'always',
  });
  return { type: 'done' };
}
