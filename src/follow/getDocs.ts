// Documents by key, realtime, each answered for certain: found or missing.
import type { Cluster } from '../cluster/cluster.js';
import { type DocumentKey, multiGet } from '../cluster/operations/multiGet.js';
import { TwindexError } from '../errors.js';
import { type Doc, parseDocs } from './hits.js';

/** In the order of the keys. @throws TwindexError `overloaded` when a shard did not answer for its documents */
export async function getDocs(
  cluster: Cluster,
  index: string,
  keys: readonly DocumentKey[],
  options: { readonly source: boolean },
): Promise<Doc[]> {
  if (keys.length === 0) return [];
  const docs = parseDocs(await multiGet(cluster, index, keys, options));
  const failed = docs.find((doc) => doc.error);
  if (failed || docs.length !== keys.length)
    throw new TwindexError(
      'overloaded',
      `${index} did not answer for every document: ${failed?.error?.type ?? 'too few'} ${failed?.error?.reason ?? ''}`,
    );
  return docs;
}
