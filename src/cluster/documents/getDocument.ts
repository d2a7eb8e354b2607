// GET /INDEX/_doc/ID: reads a document in realtime, so that it need not wait for a refresh.
import { parseJson } from '../../json/exactJson.js';
import type { Cluster } from '../cluster.js';
import { getOne } from '../guardedReads.js';

export interface StoredDocument<T> {
  readonly source: T;
  readonly seqNo: number;
  readonly term: number;
}

export async function getDocument<T>(
  cluster: Cluster,
  index: string,
  id: string,
): Promise<StoredDocument<T> | undefined> {
  const answer = await getOne(cluster, index, id);
  if (answer.status === 404) return undefined;
  const { _source, _seq_no, _primary_term } = parseJson(answer.body.toString()) as {
    _source: T;
    _seq_no: number;
    _primary_term: number;
  };
  return { source: _source, seqNo: _seq_no, term: _primary_term };
}
