// aborting: the target goes. Readers and writers are on the source, and stay there.
import { getIndexes, type LiveIndex } from '../../cluster/operations/getIndex.js';
import { putMapping } from '../../cluster/operations/putMapping.js';
import { waitForClusterState } from '../../cluster/operations/updateAliases.js';
import { putSettings } from '../../cluster/operations/putSettings.js';
import { removeLedgers, removeOurAliases } from '../fence.js';
import { adoptLeader } from '../detach.js';
import { now, type Session } from '../session.js';
import type { Step } from '../step.js';
import { metaWithOurs, ownMeta } from '../targetIndex.js';

export const aborting: Step<'aborting', null> = {
  async act(session) {
    const { cluster, effects, record, source: at } = session;
    if (record.detached) await adoptLeader(session);
    // the cluster may have a request yet to make the target, by a coordinator before this one: behind it in the queue it is seen
    if (now() < session.graceOverAt) await waitForClusterState(cluster).catch(() => undefined);
    const [source] = await getIndexes(at.cluster, at.index);
    const [target] = await getIndexes(cluster, record.target.index);
    const ours = target && ownMeta(target.mappings);
    const { epoch } = record;
    const left = [
      ...(source ? await removeOurAliases(cluster, record, record.source.index) : []),
      ...(await removeLedgers(cluster, record, [epoch - 1, epoch, epoch + 1])),
    ];
    if (left.length > 0) await effects.aliases('cleanSource', left);
    if (source && !target && record.detached) await restoreSource(session, source);
    if (ours?.migration !== record.id) return null;
    if (source && ours.epoch !== record.epoch) await restoreSource(session, source);
    await effects.aliases('deleteTarget', [{ remove_index: { index: record.target.index } }]);
    return null;
  },

  decide() {
    return { to: 'aborted', patch: { message: '' } };
  },
};

/** It was the second index for a while: its tombstones, and the versions that it has of that time. */
async function restoreSource({ effects, record, source: at }: Session, source: LiveIndex): Promise<void> {
  const { cluster, index } = at;
  const { version } = record.source;
  await effects.run('restoreTombstones', () =>
    putSettings(cluster, index, { 'index.gc_deletes': record.sourceGcDeletes }),
  );
  const migration = ownMeta(source.mappings)?.migration ?? '';
  const meta = metaWithOurs(source.mappings, { name: record.name, version, migration, epoch: record.epoch });
  await effects.run('writeMeta', () => putMapping(cluster, index, { _meta: meta }));
}
