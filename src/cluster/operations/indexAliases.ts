// GET /INDEX/_alias
import { isTwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';
import type { AliasProperties } from './updateAliases.js';

/** The aliases of one index; undefined when there is no such index. */
export async function indexAliases(
  cluster: Cluster,
  index: string,
): Promise<Readonly<Record<string, AliasProperties>> | undefined> {
  try {
    const answer = await cluster.connection.exactJson<
      Record<string, { aliases: Record<string, AliasProperties> }>
    >({
      method: 'GET',
      path: `/${encodeURIComponent(index)}/_alias`,
      query: { expand_wildcards: 'all' },
      repeat: 'always',
    });
    return answer[index]?.aliases;
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return undefined;
    throw error;
  }
}
