// What has become of the two indexes of a migration, and of its aliases: as the cluster has them now, whatever the journal says.
// It changes nothing.
import type { Cluster } from '../../../cluster/cluster.js';
import type { IndexRef } from '../../../cluster/indexRef.js';
import { aliasesOn, type IndexesByAlias } from '../../../cluster/indices/aliasesOn.js';
import { getIndexes, uuidOf } from '../../../cluster/indices/getIndex.js';
import { isClosed } from '../../../cluster/indices/isClosed.js';
import { isBetweenClusters, indexRefOf } from '../../../protocol/clusterSides.js';
import type { MigrationRecord, Side } from '../../../protocol/record.js';
import { ownMeta } from '../../../protocol/ownMeta.js';
import { isClusterAway } from '../../../cluster/engineErrors.js';

/** `replaced`: there is an index of the name, and it is not the one that the migration knows. */
export type Condition = 'open' | 'closed' | 'missing' | 'replaced';

export interface Indexes {
  readonly condition: Readonly<Record<Side, Condition>>;
  /** The largest epoch that is noted in one of the two; 0: none is. */
  readonly epoch: number;
}

/** In one cluster: the aliases that move with a migration. */
export interface MovingAliases {
  /** Of which index this is the cluster: both, unless they are in two. */
  readonly sides: readonly Side[];
  /** The indexes that have each. */
  readonly aliases: IndexesByAlias;
  /** Names of those aliases that an index has taken. */
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

/** A cluster that no client is sent to by these aliases is left out, and so is one that does not answer. */
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

/** What readers and writers come through, and whatever else was on the source when the migration began. */
export function movingAliases({ aliases, sourceAliases, layout }: MigrationRecord): string[] {
  const own = layout === 'bare-index' ? [] : [aliases.read, aliases.write];
  return [...new Set([...own, ...Object.keys(sourceAliases)])];
}

/**
 * By alias of the migration: on which index the journal says that it is. Between clusters each index may have it; then that of the
 * cluster that clients are sent to by it.
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
