// Makes the `_aliases` actions of each move. Pure. The caller adds the condition that the coordinator's token
// is still there.
import type { AliasAction, AliasProperties } from '../../../cluster/indices/updateAliases.js';
import { mirrorAlias, mirrorPrefix, readersAlias, writeAlias, writePrefix } from '../../../protocol/names.js';
import type { MisplacedAlias } from '../recovery/damage.js';
import { isBetweenClusters } from '../../../protocol/clusterSides.js';
import {
  leaderIndex,
  indexOf,
  type MigrationRecord,
  followerIndex,
  type Side,
} from '../../../protocol/record.js';

type Properties = AliasProperties;

/** All aliases except the read alias. Until the switch they stay on the leader, which gets every write first. */
function writeAliases(record: MigrationRecord): [alias: string, properties: Properties][] {
  const { aliases, layout, sourceAliases } = record;
  return Object.entries(sourceAliases as Record<string, Properties>).filter(
    ([alias]) => layout !== 'two-aliases' || alias !== aliases.read || alias === aliases.write,
  );
}

const readProperties = (record: MigrationRecord): Properties =>
  (record.sourceAliases[record.aliases.read] as Properties | undefined) ?? {};

const open = (properties: Properties): Properties => properties;
const closed = (properties: Properties): Properties => ({ ...properties, is_write_index: false });

/** Moves the read alias. On the follower it accepts no writes, because they would bypass the leader. */
export function moveReaders(record: MigrationRecord, to: Side): AliasAction[] {
  if (isBetweenClusters(record)) return markReaders(record, to);
  const { read } = record.aliases;
  const properties = readProperties(record);
  const from = to === 'target' ? 'source' : 'target';
  return [
    { remove: { index: indexOf(record, from), alias: read, must_exist: true } },
    {
      add: {
        index: indexOf(record, to),
        alias: read,
        ...(to === record.leader ? open(properties) : closed(properties)),
      },
    },
  ];
}

/**
 * Between clusters, a marker alias on the target tells gateways to send readers there. One call adds or
 * removes it. The source keeps its read alias for clients that read the source directly.
 */
function markReaders(record: MigrationRecord, to: Side): AliasAction[] {
  const { target, leader, aliases } = record;
  const { index } = target;
  const mark = { index, alias: readersAlias(record.name) };
  const properties = readProperties(record);
  // A single alias for readers and writers also accepts writes on the leader.
  const isWritten = leader === 'target' && (to === 'target' || aliases.read === aliases.write);
  const read = { add: { index, alias: aliases.read, ...(isWritten ? open : closed)(properties) } };
  // Gateways that still send readers to the target need its read alias.
  if (to === 'source') return [{ remove: { ...mark, must_exist: true } }, read];
  return [{ add: { ...mark, is_hidden: true } }, read];
}

/** Closes the aliases for writes. A bare index has no alias, so only the write block refuses its writes. */
export function closeWriters(record: MigrationRecord): AliasAction[] {
  const index = leaderIndex(record);
  return writeAliases(record).map(([alias, properties]) => ({
    add: { index, alias, ...closed(properties) },
  }));
}

export function putBack(record: MigrationRecord, misplaced: readonly MisplacedAlias[]): AliasAction[] {
  return misplaced.flatMap(({ alias, expected, on }): AliasAction[] => {
    const properties = (record.sourceAliases[alias] as Properties | undefined) ?? {};
    const index = indexOf(record, expected);
    return [
      ...on
        .filter((side) => side !== expected)
        .map((side): AliasAction => ({ remove: { index: indexOf(record, side), alias } })),
      { add: { index, alias, ...(expected === record.leader ? open(properties) : closed(properties)) } },
    ];
  });
}

/** Opens the aliases for writes, with a new generation, since a closed generation is never opened again. */
export function openWriters(record: MigrationRecord): AliasAction[] {
  const index = leaderIndex(record);
  const { mode, generation } = record.writers;
  return [
    ...writeAliases(record).map(([alias, properties]) => ({ add: { index, alias, ...open(properties) } })),
    ...openGeneration(record, generation + 1, mode),
  ];
}

/** Creates the aliases of a generation. Only in the mode `mirror` do the writers also write to the follower. */
export function openGeneration(
  record: MigrationRecord,
  generation: number,
  mode: MigrationRecord['writers']['mode'],
): AliasAction[] {
  if (mode === 'none') return [];
  const properties = { is_hidden: true, is_write_index: true };
  const first = { index: leaderIndex(record), alias: writeAlias(record.name, generation), ...properties };
  const second = { index: followerIndex(record), alias: mirrorAlias(record.name, generation), ...properties };
  return mode === 'prepare' ? [{ add: first }] : [{ add: first }, { add: second }];
}

/** Whether this is an alias of a generation other than `except`. */
export function isOurGeneration({ name }: MigrationRecord, alias: string, except?: number): boolean {
  if (!alias.startsWith(writePrefix(name)) && !alias.startsWith(mirrorPrefix(name))) return false;
  return except === undefined || (alias !== writeAlias(name, except) && alias !== mirrorAlias(name, except));
}

/** Moves the write aliases, which must still be on the old leader. */
export function moveWriters(record: MigrationRecord): AliasAction[] {
  const [from, to] = [leaderIndex(record), followerIndex(record)];
  if (record.layout === 'bare-index') {
    const { read, write } = record.aliases;
    const names = new Set([from, read, write, ...Object.keys(record.sourceAliases)]);
    return [
      { remove_index: { index: from } },
      ...[...names].map((alias) => ({
        add: { index: to, alias, ...(record.sourceAliases[alias] as Properties | undefined) },
      })),
    ];
  }
  // Between clusters, the call opens the aliases on the follower. They stay closed on the leader.
  const writers = writeAliases(record).flatMap(([alias, properties]): AliasAction[] => [
    ...(isBetweenClusters(record) ? [] : [{ remove: { index: from, alias, must_exist: true } }]),
    { add: { index: to, alias, ...open(properties) } },
  ]);
  if (record.writers.mode !== 'none') {
    const alias = writeAlias(record.name, record.writers.generation + 1);
    writers.push({ add: { index: to, alias, is_hidden: true, is_write_index: true } });
  }
  if (record.layout !== 'two-aliases') return writers;
  // The readers are already on the new leader. Only the read alias has to be opened for writes there.
  return [...writers, { add: { index: to, alias: record.aliases.read, ...open(readProperties(record)) } }];
}
