// PUT /INDEX/_doc/ID: writes a document, usually on a condition (`expected`).
import { isTwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';
import type { StoredDocument } from './getDocument.js';

export type Written = { readonly type: 'written'; readonly seqNo: number; readonly term: number };

/**
 * @param expected the version that the document must have; `missing`: must not exist; `any`: no condition
 * @throws TwindexError `unanswered`: the document may or may not have been written
 */
export async function putDocument(
  cluster: Cluster,
  where: { readonly index: string; readonly id: string },
  source: object,
  expected: Pick<StoredDocument<unknown>, 'seqNo' | 'term'> | 'missing' | 'any',
): Promise<Written | { readonly type: 'conflict' }> {
  const query =
    expected === 'missing'
      ? { op_type: 'create' }
      : expected === 'any'
        ? {}
        : { if_seq_no: expected.seqNo, if_primary_term: expected.term };
  try {
    const answer = await cluster.connection.json<{ _seq_no: number; _primary_term: number }>({
      method: 'PUT',
      path: `/${encodeURIComponent(where.index)}/_doc/${encodeURIComponent(where.id)}`,
      query,
      body: source,
      repeat: 'never',
    });
    return { type: 'written', seqNo: answer._seq_no, term: answer._primary_term };
  } catch (error) {
    if (isTwindexError(error, 'conflict')) return { type: 'conflict' };
    throw error;
  }
}
