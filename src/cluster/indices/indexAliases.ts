// GET /A,B/_alias: the aliases of indexes.
import { isTwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';
import type { AliasProperties } from './updateAliases.js';

export type AliasesOfIndex = Readonly<Record<string, AliasProperties>>;

export async function indexAliases(cluster: Cluster, index: string): Promise<AliasesOfIndex | undefined> {
  const [aliases] = await aliasesOfEach(cluster, [index]);
  return aliases;
}

/**
 * The aliases of each index, in the given order; undefined for a missing index. One request shows all indexes
 * at the same moment. If an index is missing, the engine refuses that request, and each index is read alone.
 */
export async function aliasesOfEach(
  cluster: Cluster,
  indexes: readonly string[],
): Promise<(AliasesOfIndex | undefined)[]> {
  try {
    const answer = await cluster.connection.exactJson<Record<string, { aliases: AliasesOfIndex }>>({
      method: 'GET',
      path: `/${indexes.map(encodeURIComponent).join(',')}/_alias`,
      query: { expand_wildcards: 'all' },
      repeat: 'always',
    });
    return indexes.map((index) => answer[index]?.aliases);
  } catch (error) {
    if (!isTwindexError(error, 'not_found')) throw error;
    if (indexes.length === 1) return [undefined];
    return (await Promise.all(indexes.map((index) => aliasesOfEach(cluster, [index])))).flat();
  }
}
