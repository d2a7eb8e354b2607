// POST /_reindex that asks for nothing: whether this engine has it, and we may use it.
import type { Cluster } from '../cluster.js';

/** Why `_reindex` can't be used; undefined when it can. */
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
    // the engine that has it finds fault with the request; the one that hasn't, with its address, in a plain text
    if (answer.status === 400 && typeof error === 'object') return undefined;
  } catch {
    // not the engine that speaks
  }
  return `this ${name} ${version} has no _reindex (its module is not installed)`;
}
