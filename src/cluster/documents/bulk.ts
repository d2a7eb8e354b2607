// POST /ALIAS/_bulk: one attempt. What may be repeated of it, the caller knows item by item.
import type { Cluster } from '../cluster.js';
import { toTwindexError } from '../engineErrors.js';

const MOST_MS = 120_000;
const SHARD_WAIT_MS = 30_000;

/**
 * The raw answer, for `parseBulkAnswer`. Ingest pipelines are not run: the documents went through them before.
 * @returns `busy` when the whole request was turned away (429, 503)
 * @throws TwindexError `unanswered` when it is not known which items were done
 */
export async function bulk(
  cluster: Cluster,
  index: string,
  body: Uint8Array,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly refresh?: 'true' | 'wait_for' | undefined;
    readonly timeoutMs?: number | undefined;
  } = {},
): Promise<
  { readonly type: 'answered'; readonly body: Buffer } | { readonly type: 'busy'; readonly status: number }
> {
  const path = `/${encodeURIComponent(index)}/_bulk`;
  const { timeoutMs = MOST_MS } = options;
  const answer = await cluster.connection.send({
    method: 'POST',
    path,
    // For primaries that are not there: the engine says so before its answer is given up.
    query: {
      pipeline: '_none',
      timeout: `${Math.min(SHARD_WAIT_MS, Math.ceil(timeoutMs / 2))}ms`,
      refresh: options.refresh,
    },
    body,
    timeoutMs,
    repeat: 'never',
    signal: options.signal,
  });
  if (answer.status === 429 || answer.status === 503) return { type: 'busy', status: answer.status };
  if (answer.status >= 300) throw toTwindexError({ method: 'POST', path }, answer);
  return { type: 'answered', body: answer.body };
}
