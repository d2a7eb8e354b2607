// Sends a search of the application unchanged. Error responses are returned as well, since they are compared.
import type { Cluster } from '../cluster.js';

/** Only the first hits are compared, so larger responses are not needed. */
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
