// What has become of the two indexes of a migration, and of its aliases: as the cluster has them now, whatever the journal says.
// It changes nothing.
import type { Cluster } from '../cluster/cluster.js';
import type { Located } from '../cluster/located.js';
import { aliasesOn, type IndexesByAlias } from '../cluster/operations/aliasesOn.js';
import { getIndexes, type LiveIndex } from '../cluster/operations/getIndex.js';
import { isClosed } from '../cluster/operations/isClosed.js';
import { isTwindexError } from '../errors.js';
import { isBetweenClusters, placeOf } from '../journal/places.js';
import type { MigrationRecord, Side } from '../journal/record.js';
import { ownMeta } from './targetIndex.js';

/** `replaced`: there is an index of the name, and it is not the one that the migration knows. */
export type Condition = 'open' | 'closed' | 'missing' | 'replaced';

export interface Indexes {
  readonly condition: Readonly<Record<Side, Condition>>;
  /** The largest epoch that is noted in one of the two; 0: none is. */
  readonly epoch: number;
}

interface MovingAliases {
  /** The indexes that have each. Empty between clusters. */
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

export async function surveyAliases(cluster: Cluster, record: MigrationRecord): Promise<MovingAliases> {
  if (isBetweenClusters(record)) return { aliases: new Map(), takenNames: [] };
  const names = movingAliases(record);
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

interface Seen {
  readonly condition: Condition;
  readonly epoch: number;
}

async function look(cluster: Cluster, record: MigrationRecord, side: Side): Promise<Seen> {
  try {
    return await lookAt(placeOf(cluster, record, side), record.uuids[side]);
  } catch (error) {
    if (isClusterAway(error) && isBetweenClusters(record) && side === 'source')
      return { condition: 'open', epoch: 0 };
    throw error;
  }
}

/** Nothing is known of what is in another cluster that can't be asked, and it may be gone for good. */
export const isClusterAway = (error: unknown): boolean =>
  isTwindexError(error, 'unreachable', 'unanswered', 'overloaded', 'config_invalid');

async function lookAt({ cluster, index }: Located, uuid: string | null): Promise<Seen> {
  const live = (await getIndexes(cluster, index)).find((one) => one.index === index);
  if (!live) return { condition: 'missing', epoch: 0 };
  const epoch = ownMeta(live.mappings)?.epoch ?? 0;
  if (uuid !== null && uuid !== uuidOf(live)) return { condition: 'replaced', epoch };
  return { condition: (await isClosed(cluster, index)) ? 'closed' : 'open', epoch };
}

export function uuidOf({ settings }: LiveIndex): string | null {
  const { index } = settings as { readonly index?: { readonly uuid?: string } };
  return index?.uuid ?? null;
}
