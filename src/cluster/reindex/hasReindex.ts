// Sends an invalid POST /_reindex, to find out whether the engine has this API and the user may use it.
import type { Cluster } from '../cluster.js';

/** @returns why `_reindex` cannot be used; undefined if it can */
export async function whyNoReindex(cluster: Cluster): Promise<string | undefined> {
  const { name, version } = cluster.engine;
  const answer = await cluster.connection.send({
    method: 'POST',
    path: '/_reindex',
    query: { wait_for_completion: false },
    body: {},
    repeat: 'always',
  });
  if (answer.status === 401 || answer.status === 403) return 'this user may not use _reindex';
  try {
    const { error } = JSON.parse(answer.body.toString()) as { error?: string | object };
    // If the API exists, the response is an error about the request, in JSON. If not, it is plain text.
    if (answer.status === 400 && typeof error === 'object') return undefined;
  } catch {
    // not JSON, so not the response of an engine
  }
  return `this ${name} ${version} has no _reindex (its module is not installed)`;
}
