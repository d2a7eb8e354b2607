// Expands families: finds the live indexes that belong to each family in the cluster.
import type { Cluster } from '../cluster/cluster.js';
import { listAliases } from '../cluster/indices/listAliases.js';
import { isOwnIndex } from '../protocol/names.js';
import { expandFamilies } from '../schema/family.js';
import type { DeclaredIndexes, IndexDefinition } from '../schema/types.js';

export interface Found {
  /** The definitions of all indexes: those with a file of their own, and the members of families. */
  readonly definitions: readonly IndexDefinition[];
  /** Notes for the user, one line each: families without members, indexes that were left out. */
  readonly notes: readonly string[];
}

/** Sends requests only if there are families. */
export async function findMembers(cluster: Cluster, { indexes, families }: DeclaredIndexes): Promise<Found> {
  if (families.length === 0) return { definitions: indexes, notes: [] };
  const patterns = families.flatMap(({ pattern, aliases }) => [pattern, aliases.read, aliases.write]);
  const clusters = cluster.source ? [cluster, cluster.source] : [cluster];
  const lists = await Promise.all(clusters.map((one) => listAliases(one, [...new Set(patterns)])));
  const found = lists.flat().filter(({ index }) => !isOwnIndex(index));
  const { members, unclear, empty } = expandFamilies(families, indexes, found);
  return {
    definitions: [...indexes, ...members].sort((a, b) => (a.name < b.name ? -1 : 1)),
    notes: [
      ...empty.map(
        ({ pattern, file }) => `no index matches ${pattern}, so ${file} declares no index at present`,
      ),
      ...unclear.map(
        ({ index, names }) =>
          `${index} is left out, because its aliases fit several families (${names.join(' or ')}). Give it an index file of its own.`,
      ),
    ],
  };
}
