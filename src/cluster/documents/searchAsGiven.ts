// A search of the application's, sent as it is: refusals are answers too, and are looked at like all others.
import type { Cluster } from '../cluster.js';

/** Larger answers say no more of the first hits. */
const MOST_BYTES = 32 << 20;

/** @returns the body of the answer, whatever its status @throws TwindexError when none came */
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
