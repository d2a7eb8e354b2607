// GET /EXPRESSION/_alias: the names of indexes and of their aliases.
import type { Cluster } from '../cluster.js';
import type { AliasProperties } from './updateAliases.js';

export interface IndexNames {
  readonly index: string;
  readonly aliases: readonly string[];
}

/**
 * All indexes, including closed ones, whose name or alias matches a pattern. A hidden index is found only if
 * an alias that is not hidden matches.
 */
export async function listAliases(cluster: Cluster, patterns: readonly string[]): Promise<IndexNames[]> {
  const answer = await cluster.connection.json<
    Record<string, { aliases: Readonly<Record<string, AliasProperties>> }>
  >({
    method: 'GET',
    path: `/${encodeURIComponent(patterns.join(','))}/_alias`,
    query: { expand_wildcards: 'open,closed', allow_no_indices: true, ignore_unavailable: true },
    repeat: 'always',
  });
  return Object.entries(answer)
    .map(([index, { aliases }]) => ({ index, aliases: Object.keys(aliases) }))
    .sort((a, b) => (a.index < b.index ? -1 : 1));
}
