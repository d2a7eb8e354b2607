// Records the epoch in the mapping of an index, before the first copy of this epoch is written to it. So the
// epoch can be found even if the journal and the other index are lost.
import type { IndexRef } from '../../../cluster/indexRef.js';
import { getIndexes } from '../../../cluster/indices/getIndex.js';
import { putMapping } from '../../../cluster/indices/putMapping.js';
import type { Session } from '../session.js';
import { metaWithOurs } from '../duties/targetIndex.js';
import { ownMeta } from '../../../protocol/ownMeta.js';

export async function noteEpoch({ effects, record }: Session, { cluster, index }: IndexRef): Promise<void> {
  const [live] = await getIndexes(cluster, index);
  if (!live) return;
  const { name, id, epoch, source, target } = record;
  const isSource = index === source.index;
  const migration = isSource ? (ownMeta(live.mappings)?.migration ?? '') : id;
  const version = isSource ? source.version : target.version;
  const meta = metaWithOurs(live.mappings, { name, version, migration, epoch });
  await effects.run('writeMeta', () => putMapping(cluster, index, { _meta: meta }));
}
