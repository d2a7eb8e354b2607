// Finds the token of the present coordinator, in the names of aliases on the journal and on the indexes.
import type { Cluster } from '../cluster/cluster.js';
import { type AliasesOfIndex, indexAliases } from '../cluster/indices/indexAliases.js';
import { tokenPrefix, JOURNAL, feedPrefix } from '../protocol/names.js';
import type { MigrationRecord } from '../protocol/record.js';
import { isBetweenClusters } from '../protocol/clusterSides.js';

/** @returns the token; undefined if there is none yet. Between clusters, each cluster has its own token */
export async function currentToken(cluster: Cluster, name: string): Promise<number | undefined> {
  const tokens = numbersAfter(tokenPrefix(name), await indexAliases(cluster, JOURNAL));
  return tokens.length === 0 ? undefined : Math.max(...tokens);
}

/** The largest token in any alias. A record that was restored from a snapshot may have a smaller token. */
export async function highestToken(cluster: Cluster, record: MigrationRecord): Promise<number> {
  const sides = isBetweenClusters(record) ? (['target'] as const) : (['source', 'target'] as const);
  const [current = 0, ...aliases] = await Promise.all([
    currentToken(cluster, record.name),
    ...sides.map((side) => indexAliases(cluster, record[side].index)),
  ]);
  return Math.max(current, ...aliases.flatMap((found) => numbersAfter(feedPrefix(record.name), found)));
}

function numbersAfter(prefix: string, aliases: AliasesOfIndex | undefined): number[] {
  return Object.keys(aliases ?? {})
    .filter((alias) => alias.startsWith(prefix))
    .map((alias) => Number(alias.slice(prefix.length)));
}
