// POST /_ingest/pipeline/NAME/_simulate: runs documents through an ingest pipeline without indexing them.
import type { Cluster } from '../cluster.js';
import { toTwindexError } from '../engineErrors.js';

/**
 * Returns the raw response: `{"docs": [...]}` in the order of the request. Each item is `{doc}` or `{error}`, or
 * `null` if the pipeline drops the document.
 * @param body `{"docs": [...]}` as bytes, since a source may have numbers that no double can represent
 * @throws TwindexError `rejected` if the pipeline does not exist, or cannot read a document at all
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
