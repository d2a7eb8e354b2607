// An invalid POST /_reindex: shows whether this engine has the API, and whether we may use it.
import type { Cluster } from '../cluster.js';

/** Why `_reindex` cannot be used; undefined when it can. */
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
    // an engine with the API complains about the request, in JSON; one without it complains about the address, in plain text
    if (answer.status === 400 && typeof error === 'object') return undefined;
  } catch {
    // not JSON, so not the response of an engine
  }
  return `this ${name} ${version} has no _reindex (its module is not installed)`;
}
