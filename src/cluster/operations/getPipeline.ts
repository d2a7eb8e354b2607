// GET /_ingest/pipeline/NAME: what an ingest pipeline does.
import { isTwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

/** Undefined when there is none of this name. */
export async function getPipeline(cluster: Cluster, name: string): Promise<object | undefined> {
  try {
    const found = await cluster.connection.exactJson<Record<string, object>>({
      method: 'GET',
      path: `/_ingest/pipeline/${encodeURIComponent(name)}`,
      repeat: 'always',
    });
    return found[name];
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return undefined;
    throw error;
  }
}
