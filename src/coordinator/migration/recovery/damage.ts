// Finds changes that somebody has made to indexes or aliases by hand, and names the command that helps. Pure.
import { isBetweenClusters } from '../../../protocol/clusterSides.js';
import {
  followerIndex,
  leaderIndex,
  type MigrationRecord,
  other,
  type Side,
} from '../../../protocol/record.js';
import { expectedAliases, type Indexes, type MovingAliases } from './survey.js';
import { count, number } from '../../../words.js';
import { oneAlone } from '../../../journal/recoverRecord.js';

interface LostIndex {
  readonly text: string;
  /** The index that can be given up. The other index then continues alone. */
  readonly giveUp: Side | undefined;
  /** Whether the lost index is the leader. Then writes that the follower did not get are also lost. */
  readonly isLeader: boolean;
}

/** @returns undefined if both indexes are as the migration needs them */
export function findLostIndex(
  record: MigrationRecord,
  { condition }: Pick<Indexes, 'condition'>,
): LostIndex | undefined {
  const { name, leader } = record;
  const follower = other(leader);
  const isGone = (side: Side): boolean => condition[side] === 'missing' || condition[side] === 'replaced';
  const sides = expectedSides(record);
  const gone = sides.filter(isGone);
  const closed = sides.find((side) => condition[side] === 'closed');
  if (gone.length === 2)
    return {
      text:
        `the migration of ${name} can't go on: ${gone.map((side) => goneText(record, side, condition)).join(', and ')}. ` +
        `Abort the migration (twindex abort ${name}). Then restore one of them from a snapshot, or create it again: twindex migrate ${name}`,
      giveUp: undefined,
      isLeader: true,
    };
  const [lost] = gone;
  if (lost !== undefined) {
    const isLeader = lost === leader;
    const held = needsName(record, lost, condition) ? `${freeName(record)} ` : '';
    const text = `the migration of ${name} can't continue: ${goneText(record, lost, condition)}. ${held}`;
    return {
      text: text + (isLeader ? withoutLeader(record) : withoutFollower(record)),
      giveUp: lost,
      isLeader,
    };
  }
  if (closed === undefined) return undefined;
  const { index } = record[closed];
  const instead =
    closed === follower ? ` To continue without it instead: twindex detach ${name} --give-up ${index}` : '';
  return {
    text:
      `the migration of ${name} can't continue, as ${index} is closed. Open it (POST /${index}/_open), ` +
      `then: twindex migrate ${name}.${instead}`,
    giveUp: closed === follower ? closed : undefined,
    isLeader: closed === leader,
  };
}

function expectedSides({ state, layout, leader }: MigrationRecord): readonly Side[] {
  // In this state the target is only being created.
  if (state === 'creating') return ['source'];
  // The switch of a bare index deletes the source. In a hold, the next coordinator finds out whether the
  // switch was made.
  if (layout === 'bare-index' && (leader === 'target' || state === 'holding')) return ['target'];
  return ['source', 'target'];
}

const goneText = (record: MigrationRecord, side: Side, condition: Indexes['condition']): string =>
  condition[side] === 'missing'
    ? `${record[side].index} was deleted`
    : `${record[side].index} is not the index that the migration knows (it was deleted and created again, or restored)`;

/** Whether an index, perhaps created by a write, has the name that must become an alias of the target. */
export const needsName = (
  { layout }: MigrationRecord,
  givenUp: Side,
  condition: Indexes['condition'],
): boolean => layout === 'bare-index' && givenUp === 'source' && condition.source !== 'missing';

export const freeName = ({ source, target }: MigrationRecord): string =>
  `${source.index} has to become an alias of ${target.index}, so save its present documents, and delete it first: DELETE /${source.index}.`;

function withoutFollower(record: MigrationRecord): string {
  const { name } = record;
  const [leader, follower] = [leaderIndex(record), followerIndex(record)];
  const command = record.leader === 'source' ? `twindex abort ${name}` : `twindex finalize ${name}`;
  return (
    `${leader} has all writes. To let it serve readers and writers alone: ${command} ` +
    `(or twindex detach ${name} --give-up ${follower})`
  );
}

function withoutLeader(record: MigrationRecord): string {
  const { name, state, documents } = record;
  const [leader, follower] = [leaderIndex(record), followerIndex(record)];
  const copied = record.evidence.copied;
  const has =
    state === 'creating' || state === 'copying'
      ? `${number(Math.min(copied, documents))} of about ${count(documents, 'document')}`
      : `all writes except the last ones (their number is the lag that twindex status ${name} has shown)`;
  if (state === 'creating') return `Nothing was copied yet. Abort the migration: twindex abort ${name}`;
  return (
    `${leader} got each write first, and ${follower} has ${has}. To let ${follower} serve readers and writers alone, with these documents: ` +
    `twindex detach ${name} --give-up ${leader}. Or restore ${leader} from a snapshot, and then: ` +
    `twindex detach ${name} --give-up ${follower}`
  );
}

export interface MisplacedAlias {
  readonly alias: string;
  readonly expected: Side;
  readonly on: readonly Side[];
}

/** @param names the aliases of each index; between clusters, only the aliases that accept writes */
export function misplacedAliases(
  record: MigrationRecord,
  names: Readonly<Record<Side, ReadonlySet<string>>>,
): MisplacedAlias[] {
  if (isBetweenClusters(record)) return openOnFollower(record, names);
  return [...expectedAliases(record)].flatMap(([alias, expected]) => {
    const on = (['source', 'target'] as const).filter((side) => names[side].has(alias));
    return on.length === 1 && on[0] === expected ? [] : [{ alias, expected, on }];
  });
}

/** The read alias does not count: it stays in the source's cluster for clients that read directly. */
function openOnFollower(
  { aliases, sourceAliases, leader }: MigrationRecord,
  names: Readonly<Record<Side, ReadonlySet<string>>>,
): MisplacedAlias[] {
  return [...new Set([aliases.write, ...Object.keys(sourceAliases)])]
    .filter((alias) => alias !== aliases.read || alias === aliases.write)
    .filter((alias) => names[other(leader)].has(alias))
    .map((alias) => {
      const on = (['source', 'target'] as const).filter((side) => names[side].has(alias));
      return { alias, expected: leader, on };
    });
}

/** Whether the alias is on the other index: clients may have bypassed the leader, so copying must stop. */
export const isMoved = ({ expected, on }: MisplacedAlias): boolean => on.includes(other(expected));

/** @returns an empty list between clusters, where the coordinator checks the follower instead */
export function movedAliases(record: MigrationRecord, found: readonly MovingAliases[]): MisplacedAlias[] {
  if (isBetweenClusters(record)) return [];
  return found.flatMap(({ aliases }) => {
    const on = (side: Side) =>
      new Set([...aliases].flatMap(([alias, there]) => (there.has(record[side].index) ? [alias] : [])));
    return misplacedAliases(record, { source: on('source'), target: on('target') }).filter(isMoved);
  });
}

/** A closed write alias affects only writers. A switch is possible: it opens the alias on the other index. */
export function closedText(record: MigrationRecord, found: readonly MovingAliases[]): string | undefined {
  const { name, aliases, layout, leader } = record;
  const { index } = record[leader];
  const there = found
    .find(({ sides }) => sides.includes(leader))
    ?.aliases.get(aliases.write)
    ?.get(index);
  if (layout === 'bare-index' || there?.is_write_index !== false) return undefined;
  return (
    `the alias ${aliases.write} accepts no writes, as is_write_index is false on ${index}, so writes to ${name} are refused. Open it: ` +
    `POST /_aliases {"actions":[{"add":{"index":"${index}","alias":"${aliases.write}","is_write_index":true}}]}`
  );
}

export function movedText(record: MigrationRecord, moved: readonly MisplacedAlias[]): string {
  const { name } = record;
  const [leader, follower] = [leaderIndex(record), followerIndex(record)];
  const lines = moved.map(
    ({ alias, expected, on }) =>
      `the alias ${alias} is on ${on.map((side) => record[side].index).join(' and ')}, and the migration of ${name} left it on ` +
      record[expected].index,
  );
  return (
    `${lines.join('; ')}. Somebody has moved it, so twindex has stopped copying, moving and deleting. To put it back and continue: ` +
    `twindex resume ${name} (this replaces what was written directly to ${follower} by the documents of ${leader}). ` +
    `To keep only one of the indexes, as it is now: twindex detach ${name} --give-up ${leader}, or --give-up ${follower}`
  );
}

/** Why readers and writers are not moved. Following continues meanwhile. */
export const unmovableText = (record: MigrationRecord, found: readonly MovingAliases[]): string | undefined =>
  found.map((each) => unmovableIn(record, each)).find((text) => text !== undefined);

function unmovableIn(
  record: MigrationRecord,
  { sides, aliases, takenNames }: MovingAliases,
): string | undefined {
  const { name } = record;
  const ours = new Set([record.source.index, record.target.index]);
  const where = isBetweenClusters(record)
    ? ` (in the cluster of ${sides.map((side) => record[side].index).join()})`
    : '';
  for (const [alias, side] of expectedAliases(record)) {
    const on = [...(aliases.get(alias)?.keys() ?? [])];
    const others = on.filter((index) => !ours.has(index));
    const { index } = record[side];
    if (others.length > 0)
      return (
        `the alias ${alias} is also on ${others.join(' and ')}${where}, so it can't be moved: readers and writers of ${name} would find ` +
        `other documents. Take it off: POST /_aliases {"actions":[${others
          .map((one) => `{"remove":{"index":"${one}","alias":"${alias}"}}`)
          .join(',')}]}. If an index template adds it to new indexes, remove it from the template`
      );
    if (on.length > 0 || !sides.includes(side)) continue;
    // A user may remove any alias except the read and the write alias. The migration then does not move it.
    if (alias !== record.aliases.read && alias !== record.aliases.write) continue;
    // On the follower, the alias must not accept writes.
    const closed = side === record.leader ? '' : ',"is_write_index":false';
    const add = `POST /_aliases {"actions":[{"add":{"index":"${index}","alias":"${alias}"${closed}}}]}`;
    if (takenNames.includes(alias))
      return (
        `the alias ${alias} is gone${where}, and an index has its name, because a write has created it. Save its documents, delete it ` +
        `(DELETE /${alias}), and put the alias back: ${add}`
      );
    return `the alias ${alias} is missing${where}. It belongs on ${index}. Put it back: ${add}`;
  }
  return undefined;
}

export function olderJournalText(
  record: MigrationRecord,
  { epoch }: Pick<Indexes, 'epoch'>,
): string | undefined {
  if (epoch <= record.epoch) return undefined;
  return (
    `the journal is older than the indexes of ${record.name}: it was restored, or changed by hand. So nothing is copied, moved or ` +
    `deleted. ${oneAlone(record)}`
  );
}
