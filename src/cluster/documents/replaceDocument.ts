// PUT /ALIAS/_doc/ID: replaces a document as an application would, if it has not changed since it was read.
import type { Cluster } from '../cluster.js';
import { toTwindexError } from '../engineErrors.js';
import type { DocumentKey } from './multiGet.js';

/**
 * @param where the write alias, or the name of a bare index
 * @throws TwindexError `rejected`, `blocked`; `unanswered`: the document may or may not have been written
 */
export async function replaceDocument(
  cluster: Cluster,
  where: { readonly name: string; readonly isAlias: boolean; readonly key: DocumentKey },
  source: Uint8Array,
  expected: { readonly seqNo: number; readonly term: number },
): Promise<'written' | 'conflict'> {
  const { name, isAlias, key } = where;
  const path = `/${encodeURIComponent(name)}/_doc/${encodeURIComponent(key.id)}`;
  const answer = await cluster.connection.send({
    method: 'PUT',
    path,
    query: {
      if_seq_no: expected.seqNo,
      if_primary_term: expected.term,
      routing: key.routing,
      // without this parameter, the engine would create an index if the alias is missing
      ...(isAlias ? { require_alias: true } : {}),
    },
    json: source,
    repeat: 'never',
  });
  if (answer.status === 409) return 'conflict';
  if (answer.status >= 300) throw toTwindexError({ method: 'PUT', path }, answer);
  return 'written';
}
