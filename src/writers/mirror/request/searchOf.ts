// Recognises a request that searches a single index or alias, from its target. Pure.
import { readParams } from './url.js';

type SearchApi = '_search' | '_msearch' | '_count';

export interface SearchTarget {
  /** The decoded name: an index, an alias, or an expression. */
  readonly name: string;
  readonly api: SearchApi;
  /** The query as it was sent, without the question mark. */
  readonly query: string;
}

const SEARCH = /^\/([^/?]+)\/(_search|_msearch|_count)\/?(?:\?(.*))?$/;

/** @returns undefined for other requests, and for a search with a scroll, which belongs to one index */
export function searchOf(method: string, target: string): SearchTarget | undefined {
  if (method !== 'GET' && method !== 'POST') return undefined;
  const match = SEARCH.exec(target);
  if (!match) return undefined;
  const [, written = '', api, query = ''] = match;
  const name = decoded(written);
  if (name === undefined || name.startsWith('_')) return undefined;
  if (query !== '') {
    const params = readParams(query);
    if ('reason' in params || 'scroll' in params.values) return undefined;
  }
  return { name, api: api as SearchApi, query };
}

export function searchPath({ api, query }: Pick<SearchTarget, 'api' | 'query'>, index: string): string {
  return `/${encodeURIComponent(index)}/${api}${query === '' ? '' : `?${query}`}`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
