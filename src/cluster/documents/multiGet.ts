// POST /INDEX/_mget: reads documents in realtime, by id and routing.
import type { Cluster } from '../cluster.js';
import type { Request } from '../request.js';
import { getMany } from '../guardedReads.js';

export interface DocumentKey {
  readonly id: string;
  readonly routing: string | undefined;
}

export interface GetOptions extends Pick<Request, 'repeat' | 'timeoutMs'> {
  readonly source: boolean;
}

/** Returns the raw response, for `parseDocs`, with the documents in the order of the keys. */
export async function multiGet(
  cluster: Cluster,
  index: string,
  keys: readonly DocumentKey[],
  options: GetOptions,
): Promise<Buffer> {
  const docs = keys.map(({ id, routing }) => (routing === undefined ? { _id: id } : { _id: id, routing }));
  return await getMany(cluster, { index, docs, ...options });
}
