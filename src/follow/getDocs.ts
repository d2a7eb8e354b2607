// Documents by key, realtime, each answered for certain: found or missing.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { backoffMs } from '../cluster/clusterConnection.js';
import { type DocumentKey, multiGet } from '../cluster/operations/multiGet.js';
import { TwindexError } from '../errors.js';
import { type Doc, parseDocs } from './hits.js';

const MAX_TRIES = 7;

/** In the order of the keys. @throws TwindexError `overloaded` when a shard does not answer for its documents */
export async function getDocs(
  cluster: Cluster,
  index: string,
  keys: readonly DocumentKey[],
  options: { readonly source: boolean },
): Promise<Doc[]> {
  if (keys.length === 0) return [];
  // the answer as a whole is a success, so that the connection has not tried again
  for (let attempt = 0; ; attempt++) {
    const docs = parseDocs(await multiGet(cluster, index, keys, options));
    const failed = docs.find((doc) => doc.error);
    if (!failed && docs.length === keys.length) return docs;
    if (attempt + 1 === MAX_TRIES)
      throw new TwindexError(
        'overloaded',
        `${index} did not answer for every document: ${failed?.error?.type ?? 'too few'} ${failed?.error?.reason ?? ''}`,
      );
    await sleep(backoffMs(attempt));
  }
}
