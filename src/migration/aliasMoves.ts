// The `_aliases` actions of each move. Pure. The caller puts the token in front.
import type { AliasAction, AliasProperties } from '../cluster/operations/updateAliases.js';
import { mirrorAlias, mirrorPrefix, writeAlias, writePrefix } from '../journal/names.js';
import { firstIndex, indexOf, type MigrationRecord, secondIndex, type Side } from '../journal/record.js';

type Properties = AliasProperties;

/**
 * Aliases that writes may come through: all of the source but the read alias. They stay on the first index, which is
 * always exact, and move at the switch.
 */
function writeAliases(record: MigrationRecord): [alias: string, properties: Properties][] {
  const { aliases, layout, sourceAliases } = record;
  return Object.entries(sourceAliases as Record<string, Properties>).filter(
    ([alias]) => layout !== 'two-aliases' || alias !== aliases.read,
  );
}

const readProperties = (record: MigrationRecord): Properties =>
  (record.sourceAliases[record.aliases.read] as Properties | undefined) ?? {};

const open = (properties: Properties): Properties => properties;
const closed = (properties: Properties): Properties => ({ ...properties, is_write_index: false });

/**
 * The readers move in one call. On the second index the read alias takes no writes: one that came through it would
 * reach that index past the first.
 */
export function moveReaders(record: MigrationRecord, to: Side): AliasAction[] {
  const { read } = record.aliases;
  const properties = readProperties(record);
  const from = to === 'target' ? 'source' : 'target';
  return [
    { remove: { index: indexOf(record, from), alias: read, must_exist: true } },
    {
      add: {
        index: indexOf(record, to),
        alias: read,
        ...(to === record.first ? open(properties) : closed(properties)),
      },
    },
  ];
}

/** Hold: whoever writes through an alias is refused. A bare index has none; there the block is all. */
export function closeWriters(record: MigrationRecord): AliasAction[] {
  const index = firstIndex(record);
  return writeAliases(record).map(([alias, properties]) => ({
    add: { index, alias, ...closed(properties) },
  }));
}

/** Back out of hold. The writers of ours get a new generation: one that was closed is never opened again. */
export function openWriters(record: MigrationRecord): AliasAction[] {
  const index = firstIndex(record);
  const { mode, generation } = record.writers;
  return [
    ...writeAliases(record).map(([alias, properties]) => ({ add: { index, alias, ...open(properties) } })),
    ...openGeneration(record, generation + 1, mode),
  ];
}

/** What writers of ours write through under a generation. Only `mirror` lets them write the second index. */
export function openGeneration(
  record: MigrationRecord,
  generation: number,
  mode: MigrationRecord['writers']['mode'],
): AliasAction[] {
  if (mode === 'none') return [];
  const properties = { is_hidden: true, is_write_index: true };
  const first = { index: firstIndex(record), alias: writeAlias(record.name, generation), ...properties };
  const second = { index: secondIndex(record), alias: mirrorAlias(record.name, generation), ...properties };
  return mode === 'prepare' ? [{ add: first }] : [{ add: first }, { add: second }];
}

/** True for the aliases of all generations but one. */
export function isOurGeneration({ name }: MigrationRecord, alias: string, except?: number): boolean {
  if (!alias.startsWith(writePrefix(name)) && !alias.startsWith(mirrorPrefix(name))) return false;
  return except === undefined || (alias !== writeAlias(name, except) && alias !== mirrorAlias(name, except));
}

/** The switch. The old write alias must still be where it was. */
export function moveWriters(record: MigrationRecord): AliasAction[] {
  const [from, to] = [firstIndex(record), secondIndex(record)];
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
  const writers = writeAliases(record).flatMap(([alias, properties]): AliasAction[] => [
    { remove: { index: from, alias, must_exist: true } },
    { add: { index: to, alias, ...open(properties) } },
  ]);
  if (record.writers.mode !== 'none') {
    const alias = writeAlias(record.name, record.writers.generation + 1);
    writers.push({ add: { index: to, alias, is_hidden: true, is_write_index: true } });
  }
  if (record.layout !== 'two-aliases') return writers;
  // the readers are there already, and their alias is again what it was
  return [...writers, { add: { index: to, alias: record.aliases.read, ...open(readProperties(record)) } }];
}
