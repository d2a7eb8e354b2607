// Stores the searches that gateways have recorded. They are in an index of their own, because there may be
// many, and so that users can delete them.
import { createHash } from 'node:crypto';
import type { Cluster } from '../cluster/cluster.js';
import { bulk } from '../cluster/documents/bulk.js';
import { createIndex } from '../cluster/indices/createIndex.js';
import { refresh } from '../cluster/indices/refresh.js';
import { count, searchSources } from '../cluster/guardedReads.js';
import { isTwindexError, TwindexError } from '../errors.js';
import { QUERIES } from '../protocol/names.js';
import type { RecordedQuery } from './recordedQuery.js';

export interface KeptQuery extends RecordedQuery {
  /** The name of the managed index. */
  readonly name: string;
}

const WRITE_MS = 10_000;

/** Equal searches have the same id, so that they are stored once. */
export function queryId({ path, body }: RecordedQuery): string {
  return createHash('sha256')
    .update(JSON.stringify([path, body ?? null]))
    .digest('hex');
}

/** @returns the newest searches first */
export async function listRecordedQueries(
  cluster: Cluster,
  name: string,
  size: number,
): Promise<RecordedQuery[]> {
  try {
    await refresh(cluster, QUERIES);
    const found = await searchSources<KeptQuery>(cluster, {
      index: QUERIES,
      body: { size, query: ofName(name), sort: [{ at: 'desc' }] },
    });
    return found.map(({ method, path, body }) => ({ method, path, body }));
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return [];
    throw error;
  }
}

/** @returns undefined if no search was recorded yet, so that the index does not exist */
export async function countRecordedQueries(cluster: Cluster, name: string): Promise<number | undefined> {
  try {
    return await count(cluster, QUERIES, ofName(name));
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return undefined;
    throw error;
  }
}

export async function createQueriesIndex(cluster: Cluster): Promise<void> {
  await createIndex(cluster, QUERIES, {
    settings: {
      index: { number_of_shards: 1, auto_expand_replicas: '0-1', hidden: true, refresh_interval: '1s' },
    },
    mappings: {
      dynamic: false,
      properties: { kind: { type: 'keyword' }, name: { type: 'keyword' }, at: { type: 'date' } },
    },
  });
}

/** @returns the number of searches that were not stored before @throws TwindexError */
export async function keepQueries(cluster: Cluster, queries: readonly KeptQuery[]): Promise<number> {
  const at = new Date().toISOString();
  const lines = queries.flatMap(({ name, method, path, body }) => {
    const id = queryId({ method, path, body });
    return [{ create: { _id: id } }, { kind: 'query', id, name, method, path, body, at }];
  });
  const text = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
  const answer = await bulk(cluster, QUERIES, Buffer.from(text), { timeoutMs: WRITE_MS });
  if (answer.type === 'busy') throw new TwindexError('overloaded', `${QUERIES} is too busy`);
  const { items } = JSON.parse(answer.body.toString()) as { items: { create: Item }[] };
  const failed = items.find(({ create: { status } }) => status >= 300 && status !== 409)?.create;
  if (failed) throw new TwindexError('failed', `${QUERIES} refused a search: ${failed.error?.reason}`);
  return items.filter(({ create: { status } }) => status === 201).length;
}

interface Item {
  readonly status: number;
  readonly error?: { readonly reason?: string };
}

const ofName = (name: string): object => ({
  bool: { filter: [{ term: { kind: 'query' } }, { term: { name } }] },
});
