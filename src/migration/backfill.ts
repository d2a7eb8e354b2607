// How back-fill begins: who copies, how far, and how much at a time.
import type { Cluster } from '../cluster/cluster.js';
import { dataProcessors } from '../cluster/operations/dataProcessors.js';
import { getStoreSize } from '../cluster/operations/getStoreSize.js';
import { refresh } from '../cluster/operations/refresh.js';
import type { Copier } from '../backfill/copier.js';
import { PageCopier } from '../backfill/pageCopier.js';
import { ReindexCopier } from '../backfill/reindexCopier.js';
import type { Backfill } from '../backfill/backfill.js';
import { WindowedCopy } from '../backfill/windowedCopy.js';
import { Confirmation } from '../follow/confirm.js';
import type { Direction } from '../follow/direction.js';
import type { Carriage } from '../follow/followRange.js';
import { TwindexError } from '../errors.js';
import { feedPrefix } from '../journal/names.js';
import type { ReingestNote } from '../journal/record.js';
import { Reingestion } from '../reingest/reingestion.js';
import type { Session } from './session.js';

/** More than the engine has processors: a copy waits for the disk, and for its own searches. */
const LANES_PER_PROCESSOR = 2;
const MOST_ENGINE_LANES = 16;
/** Pages that are on their way at the same time; each takes some megabytes of memory. */
const CLIENT_LANES = 3;
/** Larger ones are hardly faster, and are felt by searches, more so where copying is held back. */
const BATCH = { least: 100, most: 1_000, bytes: 2 << 20 } as const;

export async function openBackfill(
  session: Session,
  direction: Direction,
  carriage: Carriage,
): Promise<Backfill> {
  const { cluster, record } = session;
  if (record.reingest) return await reingestion(session, direction, carriage);
  const checkpoints = await showAll(session, direction);
  const inEngine = record.route === 'server' || record.route === 'pipeline';
  const copier = inEngine
    ? await reindexCopier(session, direction)
    : // a page that is being written is finished when the run is stopped
      new PageCopier(direction, { ...carriage, feed: { ...carriage.feed, signal: undefined } });
  const ownLanes = inEngine ? await engineLanes(cluster) : CLIENT_LANES;
  return new WindowedCopy(direction, copier, {
    cursors: record.cursors,
    // what has stamps may be copied as often as one likes
    upTo: inEngine ? direction.backfilled : checkpoints,
    lanes: () => ownLanes,
    docsPerSecond: () => session.throttle.docsPerSecond,
    onProgress: (documents) => {
      session.throttle.noteCopied(documents);
      session.meter.add(documents);
    },
    signal: session.signal,
  });
}

async function reingestion(session: Session, direction: Direction, carriage: Carriage): Promise<Backfill> {
  const { effects } = session;
  const rejected = await session.rejected();
  return new Reingestion(direction, {
    queue: () => session.openSource(),
    note: () => session.record.reingest as ReingestNote,
    // together: with the cursors of another step following would bring what is below them over what was ingested
    stage: (reingest, cursors) =>
      effects.handle.stage(cursors ? { reingest, cursors: [...cursors] } : { reingest }),
    upTo: direction.backfilled,
    documents: session.record.documents,
    carriage: { ...carriage, feed: { ...carriage.feed, signal: undefined } },
    rejected,
    forgetRejected: (keys) => effects.run('forgetRejected', () => rejected.remove(keys)),
    tell: (text, level) => session.note(text, level),
    docsPerSecond: () => session.throttle.docsPerSecond,
    onProgress: (documents) => {
      session.throttle.noteCopied(documents);
      session.meter.add(documents);
    },
    signal: session.signal,
  });
}

async function engineLanes(cluster: Cluster): Promise<number> {
  return Math.min(MOST_ENGINE_LANES, Math.max(1, LANES_PER_PROCESSOR * (await dataProcessors(cluster))));
}

async function reindexCopier(session: Session, direction: Direction): Promise<Copier> {
  const { cluster, effects, record } = session;
  const store = await getStoreSize(cluster, direction.first.index);
  const documentBytes = Math.max(1, store.primaryBytes / Math.max(1, record.documents));
  const copier = new ReindexCopier(direction, {
    batch: Math.round(Math.min(BATCH.most, Math.max(BATCH.least, BATCH.bytes / documentBytes))),
    pipeline: record.route === 'pipeline' ? session.pipeline : undefined,
    around: (start) => effects.run('startReindex', start),
  });
  await copier.cancelLeftovers(feedPrefix(record.name));
  return copier;
}

/** @returns by shard: the checkpoint; what is below is seen by every search from here on */
async function showAll(session: Session, { first }: Direction): Promise<readonly number[]> {
  const onFirst = await Confirmation.begin(session.cluster, first);
  const checkpoints = (await onFirst.stats()).map(({ globalCheckpoint }) => globalCheckpoint);
  await refresh(session.cluster, first.index);
  if (!(await onFirst.confirm())) throw new TwindexError('overloaded', `${first.index} failed over, or lags`);
  return checkpoints;
}
