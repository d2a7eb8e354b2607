// Reads the present state of a migration's indexes and aliases from the cluster.
import type { Cluster } from '../../../cluster/cluster.js';
import type { IndexRef } from '../../../cluster/indexRef.js';
import { aliasesOn, type IndexesByAlias } from '../../../cluster/indices/aliasesOn.js';
import { getIndexes, uuidOf } from '../../../cluster/indices/getIndex.js';
import { isClosed } from '../../../cluster/indices/isClosed.js';
import { isBetweenClusters, indexRefOf } from '../../../protocol/clusterSides.js';
import type { MigrationRecord, Side } from '../../../protocol/record.js';
import { ownMeta } from '../../../protocol/ownMeta.js';
import { isClusterAway } from '../../../cluster/engineErrors.js';

/** `replaced`: an index has the name, but is not the index that the migration knows. */
export type Condition = 'open' | 'closed' | 'missing' | 'replaced';

export interface Indexes {
  readonly condition: Readonly<Record<Side, Condition>>;
  /** The highest epoch in the mappings of the two indexes, or 0. */
  readonly epoch: number;
}

/** The present state of a migration's aliases in one cluster. */
export interface MovingAliases {
  /** The indexes of the migration in this cluster: one if there are two clusters, else both. */
  readonly sides: readonly Side[];
  readonly aliases: IndexesByAlias;
  /** Aliases that do not exist, because an index now has the name. */
  readonly takenNames: readonly string[];
}

export async function surveyIndexes(cluster: Cluster, record: MigrationRecord): Promise<Indexes> {
  const [source, target] = await Promise.all([
    look(cluster, record, 'source'),
    look(cluster, record, 'target'),
  ]);
  return {
    condition: { source: source.condition, target: target.condition },
    epoch: Math.max(source.epoch, target.epoch),
  };
}

/**
 * Reads the aliases in each cluster. Leaves out the source's cluster if it does not answer, or if no alias
 * should send clients there.
 */
export async function surveyAliases(
  cluster: Cluster,
  record: MigrationRecord,
): Promise<readonly MovingAliases[]> {
  const names = movingAliases(record);
  if (!isBetweenClusters(record))
    return [{ sides: ['source', 'target'], ...(await lookFor(cluster, names)) }];
  const target = { sides: ['target'], ...(await lookFor(cluster, names)) } as const;
  if (![...expectedAliases(record).values()].includes('source')) return [target];
  try {
    const { cluster: from } = indexRefOf(cluster, record, 'source');
    return [{ sides: ['source'], ...(await lookFor(from, names)) }, target];
  } catch (error) {
    if (isClusterAway(error)) return [target];
    throw error;
  }
}

async function lookFor(cluster: Cluster, names: readonly string[]): Promise<Omit<MovingAliases, 'sides'>> {
  const aliases = await aliasesOn(cluster, names);
  const missing = names.filter((alias) => !aliases.has(alias));
  const taken = await Promise.all(missing.map((alias) => getIndexes(cluster, alias)));
  return {
    aliases,
    takenNames: missing.filter((alias, n) => taken[n]?.some(({ index }) => index === alias)),
  };
}

/** The read alias, the write alias, and all other aliases of users. */
export function movingAliases({ aliases, sourceAliases, layout }: MigrationRecord): string[] {
  const own = layout === 'bare-index' ? [] : [aliases.read, aliases.write];
  return [...new Set([...own, ...Object.keys(sourceAliases)])];
}

/**
 * For each alias, the index that should have it according to the journal. Between clusters both indexes may
 * have it; then this is the index to whose cluster clients are sent.
 */
export function expectedAliases(record: MigrationRecord): ReadonlyMap<string, Side> {
  const { aliases, layout, readers, leader } = record;
  const own = layout === 'two-aliases' && aliases.read !== aliases.write ? aliases.read : undefined;
  return new Map(movingAliases(record).map((alias) => [alias, alias === own ? readers : leader]));
}

interface Seen {
  readonly condition: Condition;
  readonly epoch: number;
}

async function look(cluster: Cluster, record: MigrationRecord, side: Side): Promise<Seen> {
  try {
    return await lookAt(indexRefOf(cluster, record, side), record.uuids[side]);
  } catch (error) {
    if (isClusterAway(error) && isBetweenClusters(record) && side === 'source')
      return { condition: 'open', epoch: 0 };
    throw error;
  }
}

async function lookAt({ cluster, index }: IndexRef, uuid: string | null): Promise<Seen> {
  const live = (await getIndexes(cluster, index)).find((one) => one.index === index);
  if (!live) return { condition: 'missing', epoch: 0 };
  const epoch = ownMeta(live.mappings)?.epoch ?? 0;
  if (uuid !== null && uuid !== uuidOf(live)) return { condition: 'replaced', epoch };
  return { condition: (await isClosed(cluster, index)) ? 'closed' : 'open', epoch };
}
