// POST /ALIAS/_bulk: one attempt. The caller decides for each item whether it may be sent again.
import type { Cluster } from '../cluster.js';
import { toTwindexError } from '../engineErrors.js';
import type { Request } from '../request.js';

const MOST_MS = 120_000;
const SHARD_WAIT_MS = 30_000;

export interface BulkOptions {
  readonly signal?: AbortSignal | undefined;
  readonly refresh?: 'true' | 'wait_for' | undefined;
  readonly timeoutMs?: number | undefined;
  readonly headers?: Request['headers'];
}

export type BulkAnswered =
  | { readonly type: 'answered'; readonly body: Buffer }
  | { readonly type: 'busy'; readonly status: number };

/**
 * Returns the raw response, for `parseBulkAnswer`. Ingest pipelines are switched off, since the documents
 * have passed them already.
 * @returns `busy` if the whole request was rejected (429, 503)
 * @throws TwindexError `unanswered` if it is not known which operations were carried out
 */
export async function bulk(
  cluster: Cluster,
  index: string,
  body: Uint8Array,
  options: BulkOptions = {},
): Promise<BulkAnswered> {
  const path = `/${encodeURIComponent(index)}/_bulk`;
  const { timeoutMs = MOST_MS } = options;
  const answer = await cluster.connection.send({
    method: 'POST',
    path,
    // If a primary is missing, the engine should report this before our own time-out ends the request.
    query: {
      pipeline: '_none',
      timeout: `${Math.min(SHARD_WAIT_MS, Math.ceil(timeoutMs / 2))}ms`,
      refresh: options.refresh,
    },
    body,
    timeoutMs,
    repeat: 'never',
    signal: options.signal,
    headers: options.headers,
  });
  if (answer.status === 429 || answer.status === 503) return { type: 'busy', status: answer.status };
  if (answer.status >= 300) throw toTwindexError({ method: 'POST', path }, answer);
  return { type: 'answered', body: answer.body };
}
