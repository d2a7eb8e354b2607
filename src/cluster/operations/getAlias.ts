// GET /_alias/NAME
import { isTwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';
import { aliasesOn } from './aliasesOn.js';
import type { AliasProperties } from './updateAliases.js';

/** Its properties on each index that has it; none when there is no such alias. */
export async function getAlias(cluster: Cluster, alias: string): Promise<readonly AliasProperties[]> {
  try {
    const answer = await cluster.connection.exactJson<
      Record<string, { aliases: Record<string, AliasProperties> }>
    >({ method: 'GET', path: `/_alias/${encodeURIComponent(alias)}`, repeat: 'always' });
    return Object.values(answer).flatMap(({ aliases }) => aliases[alias] ?? []);
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return [];
    if (isTwindexError(error, 'blocked'))
      return [...((await aliasesOn(cluster, [alias])).get(alias)?.values() ?? [])];
    throw error;
  }
}
