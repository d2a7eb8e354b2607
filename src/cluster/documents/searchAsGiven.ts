// Sends a search of the application unchanged. Returns error responses, too, since they are also compared.
import type { Cluster } from '../cluster.js';

/** Large enough for the first hits, which are all that is compared. */
const MOST_BYTES = 32 << 20;

/** @returns the body of the response, whatever its status @throws TwindexError if no response came */
export async function searchAsGiven(
  cluster: Cluster,
  path: string,
  body: string | undefined,
  signal?: AbortSignal,
): Promise<Buffer> {
  const answer = await cluster.connection.send({
    method: 'POST',
    path,
    ...(body === undefined ? {} : { json: Buffer.from(body) }),
    maxResponseBytes: MOST_BYTES,
    repeat: 'always',
    signal,
  });
  return answer.body;
}
