// Makes the tables by which a `Mirror` decides about requests, from its last poll of the journal.
import type { ClusterSide } from '../../cluster/indexRef.js';
import { isOver } from '../../protocol/record.js';
import type { IndexDefinition } from '../../schema/types.js';
import type { ManagedIndex } from './lease/managedIndex.js';
import { ClusterRouting } from './request/clusterRouting.js';
import { type Managed, managedOf, ManagedNames } from './request/managedNames.js';
import { ReadRules } from './request/readRules.js';

export interface MirrorView {
  readonly names: ManagedNames;
  readonly places: ClusterRouting;
  readonly readRules: ReadRules;
}

export interface MirrorViews {
  readonly known: MirrorView;
  /**
   * Used while the lease has expired. The phases are unknown, so every write waits. The rules for
   * searches do not apply, since the target may have been deleted.
   */
  readonly withoutLease: MirrorView;
}

export function viewsOf(indexes: readonly ManagedIndex[], others: ClusterSide): MirrorViews {
  const placed = indexes.map((index) => index.placed);
  const places = new ClusterRouting(placed, others);
  const managed = indexes.flatMap(({ record, phase, definition }) => {
    const known = record && managedOf(record);
    if (phase.type !== 'hold' || !phase.isLost) return known ?? [];
    return { ...(known ?? asDeclared(definition)), phase };
  });
  const held = indexes.map(({ record, definition }) => ({
    // the record of a finished migration says nothing about a migration that may have begun since
    ...(record && !isOver(record) ? managedOf(record) : asDeclared(definition)),
    phase: { type: 'hold' as const },
  }));
  const resting = indexes.map((index) => index.resting);
  return {
    known: {
      names: new ManagedNames(managed, { scattered: places.active, resting }),
      places,
      readRules: new ReadRules(indexes.flatMap(({ record }) => record ?? [])),
    },
    withoutLease: {
      names: new ManagedNames(held),
      places: new ClusterRouting(placed, others, { leaseExpired: true }),
      readRules: new ReadRules([]),
    },
  };
}

function asDeclared({ name, version, aliases }: IndexDefinition): Omit<Managed, 'phase'> {
  const own = { index: `${name}-v${version}`, version };
  return {
    name,
    aliases: [aliases.write],
    readAlias: aliases.read === aliases.write ? undefined : aliases.read,
    source: own,
    target: own,
    readersOnLeader: true,
  };
}
