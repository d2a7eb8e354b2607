// POST /INDEX/_mget: realtime, by id and routing.
import type { Cluster } from '../cluster.js';
import { toTwindexError } from '../errors.js';

export interface DocumentKey {
  readonly id: string;
  readonly routing: string | undefined;
}

/** The raw answer, for `parseDocs`; documents in the order of the keys. */
export async function multiGet(
  cluster: Cluster,
  index: string,
  keys: readonly DocumentKey[],
  options: { readonly source: boolean; readonly maxBytes?: number },
): Promise<Buffer> {
  const path = `/${encodeURIComponent(index)}/_mget`;
  const answer = await cluster.connection.send({
    method: 'POST',
    path,
    // without any stored field the engine does not look at the document at all, nor say its routing
    query: options.source ? { _source: true } : { _source: false, stored_fields: '_routing' },
    body: {
      docs: keys.map(({ id, routing }) => (routing === undefined ? { _id: id } : { _id: id, routing })),
    },
    repeat: 'always',
    ...(options.maxBytes === undefined ? {} : { maxResponseBytes: options.maxBytes }),
  });
  if (answer.status >= 300) throw toTwindexError({ method: 'POST', path }, answer);
  return answer.body;
}
