// State `aborting`: deletes the target. Readers and writers stay on the source.
import { getIndexes, type LiveIndex, uuidOf } from '../../../cluster/indices/getIndex.js';
import { waitForClusterState } from '../../../cluster/indices/updateAliases.js';
import { putSettings } from '../../../cluster/indices/putSettings.js';
import { TwindexError } from '../../../errors.js';
import { removeLedgers, removeOurAliases } from '../succession/fence.js';
import { adoptLeader } from '../recovery/detachMigration.js';
import { noteEpoch } from '../succession/noteEpoch.js';
import type { Session } from '../session.js';
import { now } from '../../../clock.js';
import type { Step } from '../step.js';
import { movingAliases } from '../recovery/survey.js';
import { ownMeta } from '../../../protocol/ownMeta.js';

export const aborting: Step<'aborting', null> = {
  async act(session) {
    const { cluster, effects, record, source: at } = session;
    // An earlier coordinator's request to create the target may still be in the master's queue. This call is
    // queued behind it, so the target is found below if it is created.
    if (now() < session.graceOverAt) await waitForClusterState(cluster).catch(() => undefined);
    const [source] = await getIndexes(at.cluster, at.index);
    const [target] = await getIndexes(cluster, record.target.index);
    if (!record.detached) requireUnused(session, source, target);
    else if (source) await adoptLeader(session);
    const { epoch } = record;
    const left = [
      ...(source ? await removeOurAliases(cluster, record, record.source.index) : []),
      ...(await removeLedgers(cluster, record, [epoch - 1, epoch, epoch + 1])),
    ];
    if (left.length > 0) await effects.aliases('cleanSource', left);
    if (source && record.epoch !== record.firstEpoch) await restoreSource(session);
    if (target && isOurs(session, target))
      await effects.aliases('deleteTarget', [{ remove_index: { index: target.index } }]);
    return null;
  },

  decide() {
    return { to: 'aborted', patch: { message: '' } };
  },
};

/**
 * @throws TwindexError `unsafe` if the target is the only index left, or if it has aliases of readers or
 * writers. Then the user has to name the index to give up (`detach --give-up`)
 */
function requireUnused(
  { record, cluster, source: at }: Session,
  source: LiveIndex | undefined,
  target: LiveIndex | undefined,
): void {
  const { name } = record;
  if (!target) return;
  if (!source && record.documents > 0)
    throw new TwindexError(
      'unsafe',
      `${record.source.index} was deleted, so ${target.index} is the only index of ${name} that is left, and it is not deleted. To continue with ` +
        `it alone: twindex detach ${name} --give-up ${record.source.index}. To give up both: DELETE /${target.index}, then ` +
        `twindex abort ${name}`,
    );
  const used = at.cluster === cluster ? movingAliases(record).filter((alias) => alias in target.aliases) : [];
  if (used.length === 0) return;
  throw new TwindexError(
    'unsafe',
    `${used.join(' and ')} ${used.length === 1 ? 'is' : 'are'} on ${target.index}, so it is in use, and is not deleted. To delete it ` +
      `anyway, with everything that was written to it: twindex detach ${name} --give-up ${target.index}`,
  );
}

/** Whether this migration, and not somebody else, has created the index with the target's name. */
function isOurs({ record }: Session, target: LiveIndex): boolean {
  const { target: uuid } = record.uuids;
  return uuid === null ? ownMeta(target.mappings)?.migration === record.id : uuidOf(target) === uuid;
}

/** The source was a follower: restores how long it keeps tombstones, and records the epoch of its stamps. */
async function restoreSource(session: Session): Promise<void> {
  const { effects, record, source } = session;
  await effects.run('restoreTombstones', () =>
    putSettings(source.cluster, source.index, { 'index.gc_deletes': record.sourceGcDeletes }),
  );
  await noteEpoch(session, source);
}
