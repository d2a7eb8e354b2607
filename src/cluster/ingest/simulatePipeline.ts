// POST /_ingest/pipeline/NAME/_simulate: documents through an ingest pipeline, without indexing them.
import type { Cluster } from '../cluster.js';
import { toTwindexError } from '../engineErrors.js';

/**
 * The raw answer: `{"docs": [...]}` with `{doc}`, `{error}` or, for a dropped one, `null`, in the order of the request.
 * @param body `{"docs": [...]}` as bytes: sources may hold numbers that no double holds
 * @throws TwindexError `rejected` when the pipeline does not exist, or can't even read a document
 */
export async function simulatePipeline(
  cluster: Cluster,
  pipeline: string,
  body: Uint8Array,
): Promise<Buffer> {
  const path = `/_ingest/pipeline/${encodeURIComponent(pipeline)}/_simulate`;
  const answer = await cluster.connection.send({
    method: 'POST',
    path,
    json: body,
    repeat: 'always',
    timeoutMs: 60_000,
  });
  if (answer.status >= 300) throw toTwindexError({ method: 'POST', path }, answer);
  return answer.body;
}
