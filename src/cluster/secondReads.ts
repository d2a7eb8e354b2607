// The reads of the second check (verify/secondCheck.ts). They use nothing of guardedReads.ts: if a guard were
// missing there, copy and verification would both miss the same documents, and only the second check could
// find them.
import { TwindexError, isTwindexError } from '../errors.js';
import type { Cluster } from './cluster.js';
import type { Request } from './request.js';
import { toTwindexError } from './engineErrors.js';
import type { DocumentKey } from './documents/multiGet.js';

/** Returns the raw response of realtime GETs, for `parseDocs`. */
export async function readAgain(
  { connection, engine }: Cluster,
  index: string,
  keys: readonly DocumentKey[],
): Promise<Buffer> {
  const [major = 0, minor = 0] = engine.version.split('.').map(Number);
  const hidesVectors = engine.name === 'elasticsearch' && (major > 9 || (major === 9 && minor >= 2));
  const request: Request = {
    method: 'POST',
    path: '/_mget',
    query: hidesVectors ? { _source_exclude_vectors: false } : {},
    body: { docs: keys.map(({ id, routing }) => ({ _index: index, _id: id, routing })) },
    repeat: 'always',
  };
  const answer = await connection.send(request);
  if (answer.status >= 300) throw toTwindexError(request, answer);
  return answer.body;
}

interface SampleAnswer {
  readonly timed_out: boolean;
  readonly _shards: { readonly failed: number };
  readonly hits: { readonly hits: readonly { readonly _id: string; readonly _routing?: string }[] };
}

/** The keys of `most` random documents, or of all if there are fewer, as of the last refresh. */
export async function randomKeys(cluster: Cluster, index: string, most: number): Promise<DocumentKey[]> {
  const [major = 0, minor = 0] = cluster.engine.version.split('.').map(Number);
  const isOpenSearch = cluster.engine.name === 'opensearch';
  const hasPipelines = isOpenSearch && (major > 2 || (major === 2 && minor >= 9));
  try {
    const { timed_out, _shards, hits } = await cluster.connection.json<SampleAnswer>({
      method: 'POST',
      path: `/${encodeURIComponent(index)}/_search`,
      query: {
        ...(hasPipelines ? { search_pipeline: '_none' } : {}),
        ...(isOpenSearch ? { cancel_after_time_interval: -1 } : {}),
        allow_partial_search_results: false,
      },
      body: {
        size: most,
        timeout: '-1',
        stats: ['twindex'],
        _source: false,
        query: { function_score: { random_score: { seed: randomSeed(), field: '_seq_no' } } },
      },
      repeat: 'always',
    });
    if (timed_out || _shards.failed > 0)
      throw new TwindexError('overloaded', `${index} did not return a sample of its documents`);
    return hits.hits.map(({ _id, _routing }) => ({ id: _id, routing: _routing }));
  } catch (error) {
    // `most` may be larger than the `index.max_result_window` of the index
    if (most < 2 || !isTwindexError(error, 'rejected')) throw error;
    return await randomKeys(cluster, index, Math.floor(most / 2));
  }
}

const randomSeed = (): number => Math.floor(Math.random() * 2 ** 31);

export interface LiveCount {
  readonly documents: number;
  readonly maxSeqNos: readonly number[];
}

interface StatsCopy {
  readonly docs: { readonly count: number };
  readonly routing: { readonly primary: boolean };
  readonly seq_no?: { readonly max_seq_no: number };
}

/** Counts live and nested documents in the statistics of the primaries, after a refresh, without a search. */
export async function liveCount({ connection }: Cluster, index: string): Promise<LiveCount> {
  const path = `/${encodeURIComponent(index)}`;
  await connection.json({ method: 'POST', path: `${path}/_refresh`, repeat: 'always' });
  const { indices } = await connection.json<{
    indices?: Record<string, { readonly shards: Record<string, readonly StatsCopy[]> }>;
  }>({ method: 'GET', path: `${path}/_stats/docs`, query: { level: 'shards' }, repeat: 'always' });
  const shards = Object.entries(indices?.[index]?.shards ?? {}).sort(([a], [b]) => Number(a) - Number(b));
  const primaries = shards.map(([, copies]) => copies.find(({ routing }) => routing.primary));
  if (primaries.length === 0 || primaries.includes(undefined))
    throw new TwindexError('overloaded', `a shard of ${index} has no active primary`);
  return {
    documents: primaries.reduce((sum, primary) => sum + (primary?.docs.count ?? 0), 0),
    maxSeqNos: shards.map(([, copies]) => Math.max(...copies.map((copy) => copy.seq_no?.max_seq_no ?? -1))),
  };
}
