// aborting: the target goes. Readers and writers are on the source, and stay there.
import { indexAliases } from '../../cluster/operations/indexAliases.js';
import { getIndexes } from '../../cluster/operations/getIndex.js';
import { putSettings } from '../../cluster/operations/putSettings.js';
import { removeFeeds } from '../fence.js';
import { ownMeta } from '../targetIndex.js';
import type { Step } from '../step.js';

export const aborting: Step<'aborting', null> = {
  async act(session) {
    const { cluster, effects, record } = session;
    const [target] = await getIndexes(cluster, record.target.index);
    if (target && ownMeta(target.mappings)?.migration === record.id)
      await effects.aliases('deleteTarget', [{ remove_index: { index: record.target.index } }]);
    const feeds = await removeFeeds(cluster, record, record.source.index);
    if (feeds.length > 0) await effects.aliases('cleanSource', feeds);
    if (record.epoch > 1 && (await indexAliases(cluster, record.source.index)))
      await effects.run('restoreTombstones', () =>
        putSettings(cluster, record.source.index, { 'index.gc_deletes': null }),
      );
    return null;
  },

  decide() {
    return { to: 'aborted', patch: { message: '' } };
  },
};
