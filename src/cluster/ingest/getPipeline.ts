// GET /_ingest/pipeline/NAME, GET /_search/pipeline/NAME: the definition of a pipeline.
import { isTwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

export async function getPipeline(
  cluster: Cluster,
  name: string,
  of: 'ingest' | 'search' = 'ingest',
): Promise<object | undefined> {
  try {
    const found = await cluster.connection.exactJson<Record<string, object>>({
      method: 'GET',
      path: `/_${of}/pipeline/${encodeURIComponent(name)}`,
      repeat: 'always',
    });
    return found[name];
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return undefined;
    throw error;
  }
}
