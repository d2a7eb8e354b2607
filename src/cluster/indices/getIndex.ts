// GET /NAME: the live indexes that an index name, an alias or a pattern stands for.
import type { JsonObject } from '../../json/jsonTypes.js';
import { parseJson } from '../../json/exactJson.js';
import type { Cluster } from '../cluster.js';
import type { AliasProperties } from './updateAliases.js';
import { toTwindexError } from '../engineErrors.js';

export interface LiveIndex {
  readonly index: string;
  readonly mappings: JsonObject;
  /** Nested as GET returns them, each value a string or a list: `{ index: { number_of_shards: '1' } }`. */
  readonly settings: JsonObject;
  readonly aliases: Readonly<Record<string, AliasProperties>>;
}

/**
 * Returns the indexes, sorted by name; none if the expression matches none.
 * @param options `hidden`: whether a pattern also matches hidden and closed indexes
 * @see https://docs.opensearch.org/latest/api-reference/index-apis/get-index/
 */
export async function getIndexes(
  cluster: Cluster,
  expression: string,
  { hidden = false }: { readonly hidden?: boolean } = {},
): Promise<LiveIndex[]> {
  const request = {
    method: 'GET',
    path: `/${encodeURIComponent(expression)}`,
    query: hidden ? { expand_wildcards: 'all' } : {},
    repeat: 'always',
  } as const;
  const answer = await cluster.connection.send(request);
  if (answer.status === 404) return [];
  if (answer.status >= 300) throw toTwindexError(request, answer);
  const indexes = parseJson(answer.body.toString()) as Record<string, Omit<LiveIndex, 'index'>>;
  return Object.entries(indexes)
    .map(([index, { mappings, settings, aliases }]) => ({ index, mappings, settings, aliases }))
    .sort((a, b) => (a.index < b.index ? -1 : 1));
}

export function uuidOf({ settings }: LiveIndex): string | null {
  const { index } = settings as { readonly index?: { readonly uuid?: string } };
  return index?.uuid ?? null;
}
