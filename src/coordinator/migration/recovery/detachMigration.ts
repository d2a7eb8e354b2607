// Lets one index continue alone if the other index or its cluster is lost, or if a person decides between the
// two. The decision is first saved in the record under a new token, so that any coordinator can complete it.
import type { Cluster } from '../../../cluster/cluster.js';
import { indexAliases } from '../../../cluster/indices/indexAliases.js';
import { removeWriteBlock } from '../../../cluster/indices/removeWriteBlock.js';
import type { AliasAction, AliasProperties } from '../../../cluster/indices/updateAliases.js';
import { isTwindexError, TwindexError } from '../../../errors.js';
import { loadRecord } from '../../../journal/journal.js';
import { isBetweenClusters, indexRefOf } from '../../../protocol/clusterSides.js';
import {
  followerIndex,
  isOver,
  leaderIndex,
  type MigrationRecord,
  other,
  type Side,
} from '../../../protocol/record.js';
import { freeName, movedAliases, needsName } from './damage.js';
import { findOrRecover } from '../../../journal/recoverRecord.js';
import type { Session } from '../session.js';
import { surveyAliases, surveyIndexes } from './survey.js';
import { switched } from '../steps/holding.js';
import { takeRecord } from '../succession/takeover.js';
import { withHistory } from '../../../journal/withHistory.js';

const TRIES = 20;

/**
 * @param givenUp the index to give up, as the user wrote its name
 * @returns the record of a migration that a coordinator has to complete (`finalizing` or `aborting`)
 * @throws TwindexError `not_found` if there is no migration, `unsafe` if this index must not be given up
 */
export async function detach(
  cluster: Cluster,
  name: string,
  givenUp: string | undefined,
): Promise<MigrationRecord> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptDetach(cluster, name, givenUp);
    } catch (error) {
      // Try again if a running coordinator has written the record since it was read here.
      if (!isTwindexError(error, 'lease_held') || attempt >= TRIES) throw error;
    }
  }
}

async function attemptDetach(
  cluster: Cluster,
  name: string,
  givenUp: string | undefined,
): Promise<MigrationRecord> {
  const found = await findOrRecover(cluster, name);
  if (!found || isOver(found.source))
    throw new TwindexError('not_found', `no migration of ${name} is under way. See: twindex status ${name}`);
  if (found.source.detached) return found.source;
  const hasSwitched = await isSwitched(cluster, found.source);
  const movedOf = (record: MigrationRecord): MigrationRecord =>
    hasSwitched ? { ...record, ...switched(record) } : record;
  const survivor = await requireSurvivor(cluster, movedOf(found.source), givenUp);
  // A running coordinator may have changed the record meanwhile, since reading from a lost cluster takes
  // long.
  const latest = await loadRecord(cluster, name);
  if (latest?.source.leader !== found.source.leader || latest.source.state !== found.source.state)
    throw new TwindexError('lease_held', `the migration of ${name} is making progress. Try again`);
  const record = latest.source;
  const moved = movedOf(record);
  const end = survivor === 'target' ? 'finalizing' : 'aborting';
  const handle = await takeRecord(
    cluster,
    {
      ...moved,
      detached: true,
      state: end,
      goal: survivor === 'target' ? 'finalized' : 'aborted',
      leader: survivor,
      readers: survivor,
      paused: false,
      halted: null,
      // From here on, only one index is left.
      writers: { ...moved.writers, mode: 'none' },
      ...withHistory(
        moved,
        `detached: ${moved[other(survivor)].index} is given up, ${record.state} -> ${end}`,
      ),
    },
    latest,
  );
  await handle.save({ holder: null, clean: false });
  return handle.record;
}

/** The leader can be given up only if it is lost or a person has to decide. @throws TwindexError `unsafe` */
async function requireSurvivor(
  cluster: Cluster,
  record: MigrationRecord,
  givenUp: string | undefined,
): Promise<Side> {
  const { leader, name } = record;
  const { condition } = await surveyIndexes(cluster, record);
  const isLost = condition[leader] === 'missing' || condition[leader] === 'replaced';
  const isUnclear =
    record.halted !== null || movedAliases(record, await surveyAliases(cluster, record)).length > 0;
  const gone = (['source', 'target'] as const).find((side) => record[side].index === givenUp);
  if (gone === undefined || (gone === leader && !isLost && !isUnclear))
    throw new TwindexError('unsafe', whatIsGivenUp(record, givenUp, { isLost, isUnclear }));
  const survivor = other(gone);
  const { index } = record[survivor];
  if (condition[survivor] === 'missing')
    throw new TwindexError(
      'unsafe',
      `${index} was deleted, so it can't be the index that stays. ` +
        (condition[gone] === 'missing'
          ? `Both indexes are gone: twindex abort ${name}`
          : `${givenUp} can: twindex detach ${name} --give-up ${index}`),
    );
  if (condition[survivor] === 'closed')
    throw new TwindexError(
      'unsafe',
      `${index} is closed, so it can't be the index that stays. Open it first: POST /${index}/_open`,
    );
  if (needsName(record, gone, condition)) throw new TwindexError('unsafe', freeName(record));
  return survivor;
}

/** Whether an interrupted switch was made. No if the follower does not answer: it can't be kept anyway. */
async function isSwitched(cluster: Cluster, record: MigrationRecord): Promise<boolean> {
  if (record.state !== 'holding') return false;
  const aliasesOf = async (side: Side) => {
    const { cluster: at, index } = indexRefOf(cluster, record, side);
    return await indexAliases(at, index);
  };
  if (record.layout === 'bare-index') return (await aliasesOf(record.leader)) === undefined;
  const aliases = await aliasesOf(other(record.leader)).catch(() => undefined);
  const alias = aliases?.[record.aliases.write];
  return alias !== undefined && (!isBetweenClusters(record) || alias.is_write_index !== false);
}

function whatIsGivenUp(
  record: MigrationRecord,
  named: string | undefined,
  { isLost, isUnclear }: { readonly isLost: boolean; readonly isUnclear: boolean },
): string {
  const { name } = record;
  const [leader, follower] = [leaderIndex(record), followerIndex(record)];
  const command = `twindex detach ${name} --give-up`;
  const asked = named === undefined ? '' : `${named} is not one of the indexes of this migration. `;
  if (isLost)
    return `${asked}${leader} is lost. To continue with ${follower} alone, and the documents that were copied to it: ${command} ${leader}`;
  if (isUnclear)
    return (
      `${asked}A person has to decide which of the two indexes to keep. To continue with ${follower} alone: ${command} ${leader}. ` +
      `To continue with ${leader} alone: ${command} ${follower}`
    );
  const what =
    leader === 'target'
      ? `${follower} is not deleted, but loses its aliases if it is in the same cluster`
      : `${follower} is deleted if it is still there`;
  return (
    `${asked}Only ${follower} can be given up. Then ${leader} alone serves readers and writers, ${what}, and ` +
    `no rollback is possible. If ${follower} is lost for good: ${command} ${follower}`
  );
}

/** Moves readers and writers to the remaining index, wherever they are. May be repeated. */
export async function adoptLeader(session: Session): Promise<void> {
  const { effects, record, leader, follower } = session;
  await effects.run('unblockWrites', () => removeWriteBlock(leader.cluster, leader.index));
  const isTogether = leader.cluster === follower.cluster;
  const left = isTogether ? ((await indexAliases(follower.cluster, follower.index)) ?? {}) : {};
  const ours = Object.keys(left).filter((alias) => alias.startsWith(`twindex.${record.name}.`));
  await effects.aliases('adoptLeader', [
    ...aliasesAlone(record).flatMap((alias): AliasAction[] => [
      ...(left[alias] ? [{ remove: { index: follower.index, alias } }] : []),
      {
        add: { index: leader.index, alias, ...(record.sourceAliases[alias] as AliasProperties | undefined) },
      },
    ]),
    ...ours.map((alias): AliasAction => ({ remove: { index: follower.index, alias } })),
  ]);
}

/** The names that clients use. The name of a bare index becomes an alias of the target. */
function aliasesAlone(record: MigrationRecord): string[] {
  const { layout, leader, source, aliases, sourceAliases } = record;
  const bare =
    layout === 'bare-index' && leader === 'target' ? [source.index, aliases.read, aliases.write] : [];
  return [...new Set([...bare, ...Object.keys(sourceAliases)])];
}
