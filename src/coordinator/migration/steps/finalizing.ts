// State `finalizing`: waits until nobody reads the source any more. Then removes twindex's aliases, settings
// and ledgers, and finally the source.
import { closeIndex } from '../../../cluster/indices/closeIndex.js';
import { indexAliases } from '../../../cluster/indices/indexAliases.js';
import { putMapping } from '../../../cluster/indices/putMapping.js';
import { putSettings } from '../../../cluster/indices/putSettings.js';
import { type SearchCounters, searchCounters } from '../../../cluster/indices/searchCounters.js';
import { removeLedgers, removeOurAliases } from '../succession/fence.js';
import { adoptLeader } from '../recovery/detachMigration.js';
import { declaredSettings } from '../../../schema/normaliseSettings.js';
import { metaWithOurs, restoredSettings } from '../duties/targetIndex.js';
import { TwindexError } from '../../../errors.js';
import { getIndexes, uuidOf } from '../../../cluster/indices/getIndex.js';
import type { Session } from '../session.js';
import { now } from '../../../clock.js';
import type { Step } from '../step.js';

type Outcome = { readonly waitsFor: string };

/** The source is removed if nobody has read it for this long. */
const QUIET_MS = 3_000;

export const finalizing: Step<'finalizing', Outcome> = {
  async act(session) {
    session.guardian.disarm();
    await requireTarget(session);
    if (session.record.detached) {
      await adoptLeader(session);
      await cleanTarget(session);
      return { waitsFor: '' };
    }
    const waitsFor = await whoReads(session);
    if (waitsFor) return { waitsFor };
    await cleanTarget(session);
    await removeSource(session);
    return { waitsFor: '' };
  },

  decide(record, { waitsFor }) {
    if (waitsFor) return { to: 'finalizing', patch: { message: waitsFor } };
    const { keepMs } = record.options;
    const keptUntil =
      keepMs === null || record.layout === 'bare-index'
        ? null
        : new Date(Date.parse(record.updatedAt) + keepMs).toISOString();
    return { to: 'finalized', patch: { message: '', keptUntil } };
  },
};

/** @throws TwindexError `not_found` if the target is gone, since the source is then the only index left */
async function requireTarget({ cluster, record }: Session): Promise<void> {
  const { name, source, target } = record;
  if ((await indexAliases(cluster, target.index)) !== undefined) return;
  throw new TwindexError(
    'not_found',
    `${target.index} was deleted, so ${source.index} is not deleted. To let it serve readers and writers of ${name} alone, with the documents that it had ` +
      `received: twindex detach ${name} --give-up ${target.index}`,
  );
}

async function whoReads(session: Session): Promise<string> {
  const { record } = session;
  const { cluster, index: source } = session.source;
  if ((await indexAliases(cluster, source)) === undefined) return '';
  const counters = await searchCounters(cluster, source).catch(() => undefined);
  if (!counters) return ''; // An earlier attempt has closed the source
  const seen = session.quietSince;
  if (!seen || !same(seen.counters, counters)) session.quietSince = { counters, at: now() };
  const quietMs = now() - (session.quietSince?.at ?? now());
  const needed = Math.min(QUIET_MS, record.options.graceMs + 1_000);
  if (counters.openContexts === 0 && quietMs >= needed) return '';
  await session.pause(300);
  return counters.openContexts > 0
    ? `${counters.openContexts} searches are still open on ${source} (scrolls or points in time)`
    : `waiting until nobody reads ${source} any more`;
}

const same = (a: SearchCounters, b: SearchCounters): boolean =>
  a.openContexts === b.openContexts && a.reads === b.reads;

async function cleanTarget(session: Session): Promise<void> {
  const { cluster, effects, record, declared } = session;
  const target = record.target.index;
  const { epoch } = record;
  await effects.aliases('cleanTarget', [
    ...(await removeOurAliases(cluster, record, target)),
    ...(await removeLedgers(cluster, record, [epoch - 1, epoch, epoch + 1])),
  ]);
  await effects.run('restoreTombstones', () =>
    putSettings(cluster, target, {
      // A detached target may still have the settings of the back-fill.
      ...(record.detached ? restoredSettings(declared) : {}),
      'index.gc_deletes': declaredSettings(declared.settings)['index.gc_deletes'] ?? null,
    }),
  );
  const { name, id } = record;
  const meta = metaWithOurs(declared.mappings, {
    name,
    version: record.target.version,
    migration: id,
    epoch,
  });
  await effects.run('writeMeta', () => putMapping(cluster, target, { _meta: meta }));
}

/** Deletes or closes the source. It is deleted by an alias call, which needs the coordinator's token. */
async function removeSource(session: Session): Promise<void> {
  const { effects, record } = session;
  const { cluster: at, index: source } = session.source;
  const [live] = await getIndexes(at, source);
  // Keep another index that somebody has created under the same name.
  const { source: uuid } = record.uuids;
  if (!live || (uuid !== null && uuidOf(live) !== uuid)) return;
  if (record.options.keepMs === null) {
    await effects.aliases('deleteSource', [{ remove_index: { index: source } }]);
  } else {
    await effects.aliases('cleanSource', await removeOurAliases(session.cluster, record, source));
    await effects.run('closeSource', () => closeIndex(at, source));
  }
}
