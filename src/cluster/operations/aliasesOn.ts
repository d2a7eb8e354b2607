// GET /_alias/A,B
import { parseJson } from '../../json/exactJson.js';
import type { Cluster } from '../cluster.js';
import { toTwindexError } from '../errors.js';
import type { AliasProperties } from './updateAliases.js';

export type IndexesByAlias = ReadonlyMap<string, ReadonlyMap<string, AliasProperties>>;

/** By alias, and by index that has it: its properties there. An alias that no index has is left out; patterns are allowed. */
export async function aliasesOn(cluster: Cluster, names: readonly string[]): Promise<IndexesByAlias> {
  const request = {
    method: 'GET',
    path: `/_alias/${names.map(encodeURIComponent).join(',')}`,
    query: { expand_wildcards: 'all' },
    repeat: 'always',
  } as const;
  const answer = await cluster.connection.send(request);
  // with one that is missing, the answer is a 404 that has the others beside its error
  if (answer.status >= 300 && answer.status !== 404) throw toTwindexError(request, answer);
  const found = new Map<string, Map<string, AliasProperties>>();
  const indexes = parseJson(answer.body.toString()) as Record<string, unknown>;
  for (const [index, value] of Object.entries(indexes)) {
    const { aliases } = Object(value) as { aliases?: Record<string, AliasProperties> };
    for (const [alias, properties] of Object.entries(aliases ?? {}))
      found.set(alias, (found.get(alias) ?? new Map<string, AliasProperties>()).set(index, properties));
  }
  return found;
}
