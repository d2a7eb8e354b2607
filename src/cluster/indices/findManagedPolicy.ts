// GET /_plugins/_ism/explain/INDEX: the name of OpenSearch's policy for an index, which settings do not show.
import type { Cluster } from '../cluster.js';
import { toTwindexError } from '../engineErrors.js';

/** @see https://docs.opensearch.org/latest/im-plugin/ism/api/#explain-index */
export async function findManagedPolicy(cluster: Cluster, index: string): Promise<string | undefined> {
  if (cluster.engine.name !== 'opensearch') return undefined;
  const request = {
    method: 'GET',
    path: `/_plugins/_ism/explain/${encodeURIComponent(index)}`,
    repeat: 'always',
  } as const;
  const answer = await cluster.connection.send(request);
  // an engine without the plugin answers 400 "no handler found"
  if (answer.status === 400 || answer.status === 404 || answer.status === 405) return undefined;
  if (answer.status >= 300) throw toTwindexError(request, answer);
  const body = JSON.parse(answer.body.toString()) as Record<string, Record<string, unknown> | number>;
  const explained = body[index];
  if (typeof explained !== 'object') return undefined;
  const policy =
    explained['index.plugins.index_state_management.policy_id'] ??
    explained['index.opendistro.index_state_management.policy_id'];
  return typeof policy === 'string' ? policy : undefined;
}
