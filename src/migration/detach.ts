// The index that is kept in step is lost, or its cluster is: it is given up, and the one that writes go to stays alone. The
// record says so before anything else is done, under a new token, so that whoever coordinates next comes to the same end.
import type { Cluster } from '../cluster/cluster.js';
import { indexAliases } from '../cluster/operations/indexAliases.js';
import { removeWriteBlock } from '../cluster/operations/removeWriteBlock.js';
import type { AliasAction, AliasProperties } from '../cluster/operations/updateAliases.js';
import { isTwindexError, TwindexError } from '../errors.js';
import { loadRecord } from '../journal/journal.js';
import { isBetweenClusters, placeOf } from '../journal/places.js';
import { isOver, type MigrationRecord, other, type Side } from '../journal/record.js';
import type { Session } from './session.js';
import { switched } from './steps/holding.js';
import { takeRecord, withHistory } from './takeover.js';

const TRIES = 20;

/**
 * @param givenUp the index that is given up, named by whoever asks for it
 * @returns the record; its coordinator has to bring it to its end (`finalizing` or `aborting`)
 * @throws TwindexError `not_found` when there is no migration, `unsafe` when another index would be given up
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
      // A coordinator that is alive has written the record after it was read here.
      if (!isTwindexError(error, 'lease_held') || attempt >= TRIES) throw error;
    }
  }
}

async function attemptDetach(
  cluster: Cluster,
  name: string,
  givenUp: string | undefined,
): Promise<MigrationRecord> {
  const found = await loadRecord(cluster, name);
  if (!found || isOver(found.source))
    throw new TwindexError('not_found', `no migration of ${name} is under way. See: twindex status ${name}`);
  const record = found.source;
  if (record.detached) return record;
  const moved = (await isSwitched(cluster, record)) ? { ...record, ...switched(record) } : record;
  const leader = moved.first;
  const follower = moved[other(leader)].index;
  if (givenUp !== follower) throw new TwindexError('unsafe', whatIsGivenUp(moved, givenUp));
  const end = leader === 'target' ? 'finalizing' : 'aborting';
  const handle = await takeRecord(
    cluster,
    {
      ...moved,
      detached: true,
      state: end,
      goal: leader === 'target' ? 'finalized' : 'aborted',
      readers: leader,
      paused: false,
      // there is one index again
      writers: { ...moved.writers, mode: 'none' },
      ...withHistory(moved, `detached: ${follower} is given up, ${record.state} -> ${end}`),
    },
    found,
  );
  await handle.save({ holder: null, clean: false });
  return handle.record;
}

/** Read from the index that the switch moves the aliases to; one that does not answer is not the one that stays. */
async function isSwitched(cluster: Cluster, record: MigrationRecord): Promise<boolean> {
  if (record.state !== 'holding') return false;
  const aliasesOf = async (side: Side) => {
    const { cluster: at, index } = placeOf(cluster, record, side);
    return await indexAliases(at, index);
  };
  if (record.layout === 'bare-index') return (await aliasesOf(record.first)) === undefined;
  const aliases = await aliasesOf(other(record.first)).catch(() => undefined);
  const alias = aliases?.[record.aliases.write];
  return alias !== undefined && (!isBetweenClusters(record) || alias.is_write_index !== false);
}

function whatIsGivenUp(record: MigrationRecord, named: string | undefined): string {
  const { name, first } = record;
  const [leader, follower] = [record[first].index, record[other(first)].index];
  const what =
    first === 'target'
      ? `${follower} is not deleted, but loses its aliases if it is in the same cluster`
      : `${follower} is deleted if it is still there`;
  const asked = named === undefined ? '' : `${named} is not the index that can be given up. `;
  return (
    `${asked}Only ${follower} can be given up. Then ${leader} alone serves readers and writers, ${what}, and ` +
    `there is no way back. If ${follower} is lost for good: twindex detach ${name} --give-up ${follower}`
  );
}

/** Readers and writers come to the index that stays, wherever they were; may be repeated. */
export async function adoptLeader(session: Session): Promise<void> {
  const { effects, record, first, second } = session;
  await effects.run('unblockWrites', () => removeWriteBlock(first.cluster, first.index));
  if (record.layout === 'bare-index') return;
  const left =
    first.cluster === second.cluster ? await indexAliases(second.cluster, second.index) : undefined;
  const actions = Object.entries(record.sourceAliases).flatMap(([alias, properties]): AliasAction[] => [
    ...(left?.[alias] ? [{ remove: { index: second.index, alias } }] : []),
    { add: { index: first.index, alias, ...(properties as AliasProperties) } },
  ]);
  const ours = Object.keys(left ?? {}).filter((alias) => alias.startsWith(`twindex.${record.name}.`));
  await effects.aliases('adoptLeader', [
    ...actions,
    ...ours.map((alias): AliasAction => ({ remove: { index: second.index, alias } })),
  ]);
}
