// GET /A,B/_alias
import { isTwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';
import type { AliasProperties } from './updateAliases.js';

export type AliasesOfIndex = Readonly<Record<string, AliasProperties>>;

/** The aliases of one index; undefined when there is no such index. */
export async function indexAliases(cluster: Cluster, index: string): Promise<AliasesOfIndex | undefined> {
  const [aliases] = await aliasesOfEach(cluster, [index]);
  return aliases;
}

/**
 * The aliases of each of these indexes, in their order, all at the same moment; undefined for an index that does not exist. (If
 * one is missing, the engine returns none of them; then the others are requested one by one.)
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
