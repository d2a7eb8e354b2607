// GET /_alias/A,B: which indexes have these aliases.
import { parseJson } from '../../json/exactJson.js';
import type { Cluster } from '../cluster.js';
import { isTwindexError } from '../../errors.js';
import { toTwindexError } from '../engineErrors.js';
import type { AliasProperties } from './updateAliases.js';

export type IndexesByAlias = ReadonlyMap<string, ReadonlyMap<string, AliasProperties>>;

/** The properties of each alias that exists, by alias, then by index. @param names may end with `*` */
export async function aliasesOn(cluster: Cluster, names: readonly string[]): Promise<IndexesByAlias> {
  try {
    return await ask(cluster, '', names);
  } catch (error) {
    if (!isTwindexError(error, 'blocked')) throw error;
    // The engine refuses the request if any index has a metadata block, so name only the indexes with these aliases.
    const indexes = await indexesInState(cluster, names);
    return indexes.length === 0
      ? new Map()
      : await ask(cluster, `/${indexes.map(encodeURIComponent).join(',')}`, names);
  }
}

async function ask(cluster: Cluster, indexes: string, names: readonly string[]): Promise<IndexesByAlias> {
  const request = {
    method: 'GET',
    path: `${indexes}/_alias/${names.map(encodeURIComponent).join(',')}`,
    query: { expand_wildcards: 'all' },
    repeat: 'always',
  } as const;
  const answer = await cluster.connection.send(request);
  // if an alias is missing, the response is a 404 that still has the other aliases beside its error
  if (answer.status >= 300 && answer.status !== 404) throw toTwindexError(request, answer);
  const found = new Map<string, Map<string, AliasProperties>>();
  const all = parseJson(answer.body.toString()) as Record<string, unknown>;
  for (const [index, value] of Object.entries(all)) {
    const { aliases } = Object(value) as { aliases?: Record<string, AliasProperties> };
    for (const [alias, properties] of Object.entries(aliases ?? {}))
      found.set(alias, (found.get(alias) ?? new Map<string, AliasProperties>()).set(index, properties));
  }
  return found;
}

/** Reads alias names from the cluster state, which no block protects. */
async function indexesInState(cluster: Cluster, names: readonly string[]): Promise<string[]> {
  const { metadata } = await cluster.connection.exactJson<{
    metadata?: { indices?: Record<string, { aliases?: readonly string[] }> };
  }>({
    method: 'GET',
    path: '/_cluster/state/metadata',
    query: { filter_path: 'metadata.indices.*.aliases' },
    repeat: 'always',
  });
  const isAsked = (alias: string): boolean =>
    names.some((name) => (name.endsWith('*') ? alias.startsWith(name.slice(0, -1)) : alias === name));
  return Object.entries(metadata?.indices ?? {})
    .filter(([, { aliases }]) => aliases?.some(isAsked))
    .map(([index]) => index);
}
