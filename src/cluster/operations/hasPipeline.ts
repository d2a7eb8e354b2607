// GET /_ingest/pipeline/NAME: whether there is such an ingest pipeline.
import type { Cluster } from '../cluster.js';
import { toTwindexError } from '../errors.js';

/** @throws TwindexError */
export async function hasPipeline(cluster: Cluster, name: string): Promise<boolean> {
  const request = {
    method: 'GET',
    path: `/_ingest/pipeline/${encodeURIComponent(name)}`,
    query: { filter_path: '*.description,*.version' },
    repeat: 'always',
  } as const;
  const answer = await cluster.connection.send(request);
  if (answer.status === 404) return false;
  if (answer.status >= 300) throw toTwindexError(request, answer);
  return true;
}
