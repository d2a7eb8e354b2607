// Reads documents by key in realtime. If a shard fails, its documents never count as missing.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { backoffMs } from '../cluster/clusterConnection.js';
import { toItemError } from '../cluster/engineErrors.js';
import { type DocumentKey, type GetOptions, multiGet } from '../cluster/documents/multiGet.js';
import { isTwindexError } from '../errors.js';
import { type Doc, parseDocs } from './hits.js';

const MAX_TRIES = 7;

/**
 * @returns the documents in the order of the keys
 * @throws TwindexError `overloaded` if a shard does not answer after several attempts; `not_found` or `failed` if
 * its error is permanent
 */
export function getDocs(
  cluster: Cluster,
  index: string,
  keys: readonly DocumentKey[],
  options: GetOptions,
): Promise<Doc[]> {
  return getForCertain(index, keys, (some) => multiGet(cluster, index, some, options));
}

/** @param ask called again if a shard fails, or with fewer keys if the answer is too large */
export async function getForCertain(
  index: string,
  keys: readonly DocumentKey[],
  ask: (keys: readonly DocumentKey[]) => Promise<Buffer>,
): Promise<Doc[]> {
  if (keys.length === 0) return [];
  try {
    return await untilAnswered(index, keys, ask);
  } catch (error) {
    if (keys.length === 1 || !isTwindexError(error, 'too_large')) throw error;
    const half = Math.ceil(keys.length / 2);
    const docs = await getForCertain(index, keys.slice(0, half), ask);
    docs.push(...(await getForCertain(index, keys.slice(half), ask)));
    return docs;
  }
}

/**
 * Repeats the request while a shard fails. The connection does not retry here, because the answer has status
 * 200.
 */
async function untilAnswered(
  index: string,
  keys: readonly DocumentKey[],
  ask: (keys: readonly DocumentKey[]) => Promise<Buffer>,
): Promise<Doc[]> {
  for (let attempt = 0; ; attempt++) {
    const docs = parseDocs(await ask(keys)).map(withoutUnroutable);
    const failed = docs.find((doc) => doc.error);
    if (!failed && docs.length === keys.length) return docs;
    const error = toItemError(index, failed?.error ?? TOO_FEW);
    if (attempt + 1 === MAX_TRIES || !isTwindexError(error, 'overloaded')) throw error;
    await sleep(backoffMs(attempt));
  }
}

const TOO_FEW = { type: 'timeout_exception', reason: 'too few documents' } as const;

/** Treats the error as "not found": an index that requires a routing has no document without one. */
function withoutUnroutable(doc: Doc): Doc {
  return doc.error?.type === 'routing_missing_exception' ? { ...doc, found: false, error: undefined } : doc;
}
