// Adds the filter and the routing of an alias to a search through this alias. Only one of the two indexes has the
// alias, so the search is later sent to each index by the index's own name. Pure.
import { parseJson, printJson } from '../json/exactJson.js';
import { isObject } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import { partsOf, type RecordedQuery } from './recordedQuery.js';

/** The aliases of the index, by name, as the engine returns them. */
export type SearchedAliases = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** URL parameters of a search with `?q=` that also exist in `query_string`, under the same names. */
const QUERY_STRING = ['analyzer', 'analyze_wildcard', 'default_operator', 'lenient'] as const;

/** @returns `query` itself if the alias has neither a filter nor a routing */
export function throughAlias(query: RecordedQuery, aliases: SearchedAliases): RecordedQuery {
  const parts = partsOf(query.path);
  const name = /^\/?([^/?]+)/.exec(query.path)?.[1] ?? '';
  const { filter, search_routing: routing } = ownAlias(aliases, name) ?? {};
  if (!parts || (filter === undefined && routing === undefined)) return query;
  const parameters = new URLSearchParams(parts.query);
  if (typeof routing === 'string' && !parameters.has('routing')) parameters.set('routing', routing);
  const body = isObject(filter) ? filteredBody(query, parts.action, parameters, filter) : query.body;
  const text = parameters.toString();
  return { ...query, path: `/${name}/${parts.action}${text === '' ? '' : `?${text}`}`, body };
}

function ownAlias(aliases: SearchedAliases, name: string): SearchedAliases[string] | undefined {
  try {
    const decoded = decodeURIComponent(name);
    return Object.hasOwn(aliases, decoded) ? aliases[decoded] : undefined;
  } catch {
    return undefined;
  }
}

/** @returns the body with the filter. URL parameters that move into the body are deleted from `parameters` */
function filteredBody(
  query: RecordedQuery,
  action: '_search' | '_count',
  parameters: URLSearchParams,
  filter: JsonObject,
): string | undefined {
  const given = query.body ?? parameters.get('source') ?? undefined;
  let body: unknown;
  try {
    body = parseJson(given ?? '{}');
  } catch {
    return query.body;
  }
  if (!isObject(body)) return query.body;
  for (const name of ['source', 'source_content_type']) parameters.delete(name);
  // If both URL and body have a query, `_search` uses that of the URL, and `_count` that of the body.
  const fromUrl = action === '_search' || given === undefined ? queryInUrl(parameters) : undefined;
  const { query: inBody = { match_all: {} }, knn, ...rest } = body;
  const isVectorSearch = knn !== undefined && fromUrl === undefined && !Object.hasOwn(body, 'query');
  return printJson({
    ...rest,
    // `must` keeps the scores of the query.
    ...(isVectorSearch ? {} : { query: { bool: { must: [fromUrl ?? inBody], filter: [filter] } } }),
    ...(knn === undefined ? {} : { knn: filteredVectors(knn, filter) }),
  });
}

function queryInUrl(parameters: URLSearchParams): JsonObject | undefined {
  const text = parameters.get('q');
  if (text === null) return undefined;
  const found: Record<string, Json> = { query: text };
  const field = parameters.get('df');
  if (field !== null) found['default_field'] = field;
  for (const name of QUERY_STRING) {
    const value = parameters.get(name);
    if (value !== null) found[name] = value;
  }
  for (const name of ['q', 'df', ...QUERY_STRING]) parameters.delete(name);
  return { query_string: found };
}

/** Elasticsearch accepts one kNN search or a list of them next to the query. */
function filteredVectors(knn: Json, filter: JsonObject): Json {
  if (Array.isArray(knn)) return knn.map((one) => filteredVectors(one, filter));
  return isObject(knn) ? { ...knn, filter: [knn['filter'] ?? [], filter].flat() } : knn;
}
