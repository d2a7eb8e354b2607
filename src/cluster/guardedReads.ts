// Builds all requests that read documents. Guards are parts of a request that keep settings of the index and
// the cluster (a search pipeline, a default timeout, ...) from altering the documents. An incomplete response is
// an error, except for a search with `partial`.
import { setTimeout as sleep } from 'node:timers/promises';
import { TwindexError } from '../errors.js';
import { parseJson } from '../json/exactJson.js';
import { backoffMs } from './clusterConnection.js';
import type { Cluster, Engine, GuardName } from './cluster.js';
import type { Answer, Request } from './request.js';
import { toTwindexError } from './engineErrors.js';

type Query = NonNullable<Request['query']>;

/** The parts that are added to a request so that one setting has no effect. */
interface Guard {
  readonly appliesTo: (engine: Engine) => boolean;
  readonly searchQuery?: Query;
  readonly searchBody?: object;
  readonly searchSource?: object;
  readonly getQuery?: Query;
}

const everywhere = (): boolean => true;
const openSearchFrom =
  (major: number, minor: number) =>
  (engine: Engine): boolean =>
    engine.name === 'opensearch' && isFrom(engine, major, minor);

/** The engine refuses unknown parameters, so a guard applies only to versions that know its parameters. */
const GUARDS: Readonly<Record<GuardName, Guard>> = {
  /** Switches off `index.search.default_pipeline`, which may filter hits, or rename or remove fields. */
  searchPipeline: { appliesTo: openSearchFrom(2, 9), searchQuery: { search_pipeline: '_none' } },
  cancellation: { appliesTo: openSearchFrom(2, 0), searchQuery: { cancel_after_time_interval: -1 } },
  /** Switches off `search.default_search_timeout`: a search that times out returns only some hits. */
  timeout: { appliesTo: everywhere, searchBody: { timeout: '-1' } },
  partialResults: { appliesTo: everywhere, searchQuery: { allow_partial_search_results: false } },
  /** Asks for vectors, which Elasticsearch 9.2 and later omits (`index.mapping.exclude_source_vectors`). */
  vectors: {
    appliesTo: readsVectorsOnDemand,
    searchSource: { exclude_vectors: false },
    getQuery: { _source_exclude_vectors: false },
  },
};

/** True if a search can switch off the index's search pipeline, or the engine has no search pipelines. */
export const passesSearchPipelines = (engine: Engine): boolean =>
  engine.name === 'elasticsearch' || isFrom(engine, 2, 9);

/** True if this engine may leave vectors out of `_source`, but returns them if the request asks for them. */
export function readsVectorsOnDemand(engine: Engine): boolean {
  return engine.name === 'elasticsearch' && isFrom(engine, 9, 2);
}

function isFrom({ major, version }: Engine, fromMajor: number, fromMinor: number): boolean {
  return major > fromMajor || (major === fromMajor && Number(version.split('.')[1]) >= fromMinor);
}

function guardsOf({ engine, unguarded = [] }: Cluster): readonly Guard[] {
  return Object.entries(GUARDS)
    .filter(([name, guard]) => guard.appliesTo(engine) && !unguarded.includes(name as GuardName))
    .map(([, guard]) => guard);
}

/** The group of twindex's searches in the statistics of an index. They are subtracted from those of all clients. */
export const OWN_SEARCHES = 'twindex';

const merged = (parts: readonly (object | undefined)[]): object => Object.assign({}, ...parts) as object;

export interface Search extends Pick<Request, 'repeat' | 'signal' | 'timeoutMs' | 'maxResponseBytes'> {
  /** A concrete index, because an alias may have a filter. */
  readonly index: string;
  readonly query?: Query;
  readonly body: object;
  /** Whether to read `_source`, or the names of its fields to read. */
  readonly source: boolean | readonly string[];
  /** How many shards the engine must search. By default their number is not checked. */
  readonly shards?: number;
  /** True if a response from only some shards is enough, because the caller does not use the hits. */
  readonly partial?: boolean;
}

/** How often a search is sent before an incomplete response becomes an error. */
const TRIES = 4;

/** @returns the body of a complete response @throws TwindexError `overloaded` if all responses were incomplete */
export async function search(cluster: Cluster, asked: Search): Promise<Buffer> {
  const { index, query, body, source, shards, partial, ...how } = asked;
  const guards = guardsOf(cluster);
  const request: Request = {
    repeat: 'always',
    ...how,
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_search`,
    query: { ...query, ...merged(guards.map(({ searchQuery }) => searchQuery)) },
    body: {
      ...body,
      stats: [OWN_SEARCHES],
      ...merged(guards.map(({ searchBody }) => searchBody)),
      _source: sourceOf(source, guards),
    },
  };
  for (let attempt = 1; ; attempt++) {
    const answer = await cluster.connection.send(request);
    if (answer.status >= 300) throw toTwindexError(request, answer);
    const missing = cluster.unguarded || partial ? undefined : whatIsMissing(answer.body, shards);
    if (missing === undefined) return answer.body;
    if (attempt === TRIES) throw incomplete(index, missing);
    await sleep(backoffMs(attempt), undefined, how.signal ? { signal: how.signal } : {});
  }
}

function sourceOf(source: Search['source'], guards: readonly Guard[]): object | boolean {
  if (typeof source === 'object') return source;
  const guarded = guards.flatMap(({ searchSource }) => searchSource ?? []);
  return source && guarded.length > 0 ? merged(guarded) : source;
}

interface SearchAnswer<T> {
  readonly hits: { readonly total: { readonly value: number }; readonly hits: readonly T[] };
}

export async function searchJson<T>(cluster: Cluster, asked: Search): Promise<T> {
  return parseJson((await search(cluster, asked)).toString()) as T;
}

/** Searches an index of twindex, such as the journal. */
export async function searchSources<T>(
  cluster: Cluster,
  asked: Omit<Search, 'source'> & { readonly source?: readonly string[] },
): Promise<T[]> {
  const found = await searchJson<SearchAnswer<{ readonly _source: T }>>(cluster, { source: true, ...asked });
  return found.hits.hits.map(({ _source }) => _source);
}

/**
 * Counts live documents, without nested ones. `_count` is not used: it accepts neither `timeout` nor
 * `search_pipeline`, and does not report that it has counted only a part.
 */
export async function count(cluster: Cluster, index: string, query?: object): Promise<number> {
  const { hits } = await searchJson<SearchAnswer<never>>(cluster, {
    index,
    query: { filter_path: 'timed_out,_shards,hits.total', request_cache: false },
    body: { size: 0, track_total_hits: true, ...(query ? { query } : {}) },
    source: false,
  });
  return hits.total.value;
}

export interface Scroll {
  readonly id: string;
  readonly keepAlive: string;
  readonly maxBytes: number;
  readonly shards: number;
}

const SCROLL = '/_search/scroll';

/**
 * Reads the next page of a scroll. The scroll keeps the guards that it was opened with.
 * @throws TwindexError `unanswered`, `overloaded`. A retry may then skip a page.
 */
export async function nextPage(
  cluster: Cluster,
  { id, keepAlive, maxBytes, shards }: Scroll,
): Promise<Buffer> {
  const request: Request = {
    method: 'POST',
    path: SCROLL,
    body: { scroll: keepAlive, scroll_id: id },
    maxResponseBytes: maxBytes,
    repeat: 'never',
  };
  const answer = await cluster.connection.send(request);
  if (answer.status >= 300) throw toTwindexError(request, answer);
  const missing = cluster.unguarded ? undefined : whatIsMissing(answer.body, shards);
  if (missing !== undefined) throw incomplete('a scroll', missing);
  return answer.body;
}

/** Errors are ignored, because the engine closes a scroll itself after its keep-alive time. */
export async function closeScroll(cluster: Cluster, id: string): Promise<void> {
  await cluster.connection
    .send({ method: 'DELETE', path: SCROLL, body: { scroll_id: id }, repeat: 'never' })
    .catch(() => undefined);
}

export async function getOne(cluster: Cluster, index: string, id: string): Promise<Answer> {
  const request: Request = {
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_doc/${encodeURIComponent(id)}`,
    query: { ...merged(guardsOf(cluster).map(({ getQuery }) => getQuery)) },
    repeat: 'always',
  };
  const answer = await cluster.connection.send(request);
  if (answer.status >= 300 && answer.status !== 404) throw toTwindexError(request, answer);
  return answer;
}

export interface MultiGet extends Pick<Request, 'repeat' | 'timeoutMs' | 'maxResponseBytes'> {
  readonly index: string;
  readonly docs: readonly object[];
  /** False: the response only says which documents exist, and their routings. */
  readonly source: boolean;
}

export async function getMany(cluster: Cluster, { index, docs, source, ...how }: MultiGet): Promise<Buffer> {
  const guards = merged(guardsOf(cluster).map(({ getQuery }) => getQuery));
  const request: Request = {
    repeat: 'always',
    ...how,
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_mget`,
    // if neither `_source` nor a stored field is read, the engine does not return the routing
    query: source ? { _source: true, ...guards } : { _source: false, stored_fields: '_routing' },
    body: { docs },
  };
  const answer = await cluster.connection.send(request);
  if (answer.status >= 300) throw toTwindexError(request, answer);
  return answer.body;
}

/** The part of a response before its hits is shorter than this, unless a scroll covers very many shards. */
const HEAD_BYTES = 16_384;

/** @returns why a response with status 200 is incomplete; undefined if it is complete */
export function whatIsMissing(body: Buffer, shards?: number): string | undefined {
  // the fields that are checked here come before the hits, which may be many megabytes
  const hits = body.subarray(0, HEAD_BYTES).indexOf('"hits":');
  const head = body.toString('latin1', 0, hits < 0 ? HEAD_BYTES : hits);
  if (!/"timed_out"\s*:\s*false/.test(head))
    return 'the search timed out before everything was found (check search.default_search_timeout of the cluster)';
  if (/"terminated_early"\s*:\s*true/.test(head))
    return 'the engine ended the search before everything was found';
  const summary = /"_shards"\s*:\s*\{\s*"total"\s*:\s*(\d+).*?"failed"\s*:\s*(\d+)/s.exec(head);
  if (!summary) return 'the response does not say how many shards have answered';
  const [, total, failed] = summary;
  if (failed !== '0') return `${failed} of ${total} shards failed${firstFailure(head)}`;
  if (shards !== undefined && Number(total) !== shards)
    return `the search was sent to ${total} shards instead of ${shards}`;
  return undefined;
}

function firstFailure(head: string): string {
  const [, type, reason] =
    /"reason"\s*:\s*\{\s*"type"\s*:\s*"([^"]+)"(?:\s*,\s*"reason"\s*:\s*"([^"]*)")?/.exec(head) ?? [];
  return type === undefined ? '' : ` (${type}${reason ? `: ${reason}` : ''})`;
}

function incomplete(index: string, missing: string): TwindexError {
  return new TwindexError(
    'overloaded',
    `a search of ${index} was answered only in part: ${missing}. twindex does not use such an answer; try again later.`,
  );
}
