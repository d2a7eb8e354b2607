// GET /INDEX/_doc/ID: realtime.
import { toTwindexError } from '../errors.js';
import { parseJson } from '../../json/exactJson.js';
import type { Cluster } from '../cluster.js';

export interface StoredDocument<T> {
  readonly source: T;
  readonly seqNo: number;
  readonly term: number;
}

/** Undefined when the document, or the index, does not exist. */
export async function getDocument<T>(
  cluster: Cluster,
  index: string,
  id: string,
): Promise<StoredDocument<T> | undefined> {
  const path = `/${encodeURIComponent(index)}/_doc/${encodeURIComponent(id)}`;
  const answer = await cluster.connection.send({ method: 'GET', path, repeat: 'always' });
  if (answer.status === 404) return undefined;
  if (answer.status >= 300) throw toTwindexError({ method: 'GET', path }, answer);
  const { _source, _seq_no, _primary_term } = parseJson(answer.body.toString()) as {
    _source: T;
    _seq_no: number;
    _primary_term: number;
  };
  return { source: _source, seqNo: _seq_no, term: _primary_term };
}
