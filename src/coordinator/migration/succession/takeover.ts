// Makes this process the only coordinator (docs/protocol.md, "Succession"): takes the record, then the token, and
// only then reads the aliases. A coordinator also does this again after a request that was not answered.
import type { Cluster } from '../../../cluster/cluster.js';
import type { IndexRef } from '../../../cluster/indexRef.js';
import type { AliasProperties } from '../../../cluster/indices/updateAliases.js';
import { indexAliases } from '../../../cluster/indices/indexAliases.js';
import type { StoredDocument } from '../../../cluster/documents/getDocument.js';
import { backoffMs } from '../../../cluster/clusterConnection.js';
import { TwindexError } from '../../../errors.js';
import { RecordHandle } from '../../../journal/journal.js';
import { leaseHeld, thisHolder } from '../../../journal/lease.js';
import { waitingCommands } from '../../../journal/commands.js';
import { isBetweenClusters } from '../../../protocol/clusterSides.js';
import { readersAlias } from '../../../protocol/names.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import { type Effects, OutcomeUnknown } from './effects.js';
import { findLostIndex, olderJournalText } from '../recovery/damage.js';
import { isFed, swapToken } from './fence.js';
import { highestToken } from '../../../journal/currentToken.js';
import type { Session } from '../session.js';
import { now } from '../../../clock.js';
import { surveyIndexes } from '../recovery/survey.js';
import { withHistory } from '../../../journal/withHistory.js';
import { goBack, switched, wentBack } from '../steps/holding.js';

const TRIES = 8;

/** Takes a record that has no coordinator. @throws TwindexError `lease_held` if another process was faster */
export async function takeRecord(
  cluster: Cluster,
  record: MigrationRecord,
  over: StoredDocument<MigrationRecord> | undefined,
): Promise<RecordHandle> {
  // Exceed all tokens in use: after the journal was restored, a running coordinator may have a higher one.
  const used = await highestToken(cluster, record);
  const token = Math.max(over?.source.token ?? 0, record.token, used) + 1;
  const taken = await RecordHandle.take(
    cluster,
    { ...record, token, holder: thisHolder(), clean: false },
    over,
  );
  if (!taken) throw leaseHeld(over?.source ?? record);
  return taken;
}

/** @param clean whether every request of the earlier coordinator was answered, so that none can arrive late */
export async function succeed(session: Session, clean: boolean): Promise<void> {
  const { cluster, effects, record } = session;
  await requireSound(session);
  await swapToken(cluster, effects);
  effects.unanswered = false;
  if (!clean) session.graceOverAt = now() + record.options.graceMs;
  await recover(effects, session);
}

/** Like `succeed`. If a request of the succession is not answered, tries again under another token. */
export async function succeedInTheEnd(session: Session, clean: boolean): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await (attempt === 0 ? succeed(session, clean) : succeedMyself(session));
      return;
    } catch (error) {
      if (!(error instanceof OutcomeUnknown) || attempt >= TRIES) throw error;
      session.note(`${error.message}; trying again`, 'warn');
      await session.pause(backoffMs(attempt));
    }
  }
}

/** Takes over from itself, under a new token, after a request that was not answered. */
export async function succeedMyself(session: Session): Promise<void> {
  await session.effects.handle.save(({ token }) => ({ token: token + 1 }));
  await succeed(session, false);
}

/** The aliases show whether an interrupted move was made. If a switch was not made, ends the hold. */
async function recover({ handle }: Effects, session: Session): Promise<void> {
  const { record } = handle;
  if (record.state === 'movingReaders') {
    const mark = isBetweenClusters(record) ? readersAlias(record.name) : record.aliases.read;
    const readers = (await aliasOn(session.target, mark)) ? 'target' : 'source';
    await handle.save({
      state: 'mirroring',
      readers,
      ...(readers === record.readers ? {} : { verified: readers !== record.leader }),
      ...withHistory(record, `readers on the ${readers} (found by the next coordinator)`),
    });
  }
  if (record.state !== 'holding') return;
  if (await isSwitched(session)) {
    const state = record.layout === 'bare-index' ? 'finalizing' : 'settling';
    await handle.save({
      state,
      ...switched(record),
      ...withHistory(record, 'switched (found by the next coordinator)'),
    });
  } else {
    await goBack(session);
    await handle.save({
      state: 'mirroring',
      ...wentBack(record),
      message: 'a hold was given up by the next coordinator',
      ...withHistory(record, 'holding -> mirroring (by the next coordinator)'),
    });
  }
}

/**
 * Halts the migration if the journal is older than the indexes.
 * @throws TwindexError `not_found` if an index was deleted, closed or replaced; names the command to use
 */
async function requireSound(session: Session): Promise<void> {
  const { cluster, record } = session;
  if (!isFed(record.state) && record.state !== 'settling') return;
  const indexes = await surveyIndexes(cluster, record);
  const lost = findLostIndex(record, indexes);
  if (lost) {
    // If both indexes are gone, an abort loses nothing.
    const endsAll = lost.giveUp === undefined && lost.isLeader && (await wantsAbort(cluster, record));
    if (!endsAll) throw new TwindexError('not_found', lost.text);
    await session.effects.handle.save({
      goal: 'aborted',
      state: 'aborting',
      leader: 'source',
      readers: 'source',
    });
    return;
  }
  const older = record.halted ? undefined : olderJournalText(record, indexes);
  if (older !== undefined) await session.halt({ for: 'journal', text: older });
}

async function wantsAbort(cluster: Cluster, record: MigrationRecord): Promise<boolean> {
  if (record.goal === 'aborted') return true;
  return (await waitingCommands(cluster, record)).some(({ command }) => command === 'abort');
}

async function isSwitched({ record, leader, follower }: Session): Promise<boolean> {
  if (record.layout === 'bare-index') return (await indexAliases(leader.cluster, leader.index)) === undefined;
  const alias = await aliasOn(follower, record.aliases.write);
  // Between clusters the closed alias stays on the old leader.
  return alias !== undefined && (!isBetweenClusters(record) || alias.is_write_index !== false);
}

async function aliasOn({ cluster, index }: IndexRef, alias: string): Promise<AliasProperties | undefined> {
  const aliases = await indexAliases(cluster, index);
  if (!aliases)
    throw new TwindexError(
      'not_found',
      `index ${index} does not exist any more; the migration can't continue`,
    );
  return aliases[alias];
}
