// How much is copied at the same time, and in one piece.
import type { Cluster } from '../../cluster/cluster.js';
import { dataProcessors } from '../../cluster/nodes/dataProcessors.js';
import { getStoreSize } from '../../cluster/indices/getStoreSize.js';

/** Windows that are read and written in pages at the same time; each takes some megabytes of memory. */
export const PAGE_LANES = 3;

/** More than the engine has processors: a copy waits for the disk, and for its own searches. */
const LANES_PER_PROCESSOR = 2;
const MAX_SLOTS = 16;
/** Larger ones are hardly faster, and are felt by searches, more so where copying is held back. */
const BATCH = { least: 100, most: 1_000, bytes: 2 << 20 } as const;

const LEAST_PIECE = 20;

/** Where a copy is held back: the documents of so much time. */
export function pieceOf(docsPerSecond: number, ms: number): number {
  return Math.max(LEAST_PIECE, Math.floor((docsPerSecond * ms) / 1_000));
}

const SECOND_MS = 1_000;

/**
 * Where a copy is held back: the documents of one page. Each page costs the engine a request, however small it is, and with very small
 * ones a busy engine stays far below the rate. A page never holds more than the rate allows in a second, so that a pause is one.
 * @param ms the documents of so much time, where that is more than `least`
 */
export function pageOf(docsPerSecond: number, ms: number, least: number): number {
  return Math.max(pieceOf(docsPerSecond, ms), Math.min(least, pieceOf(docsPerSecond, SECOND_MS)));
}

/** Windows that the engine copies by itself at the same time. */
export async function reindexSlots(cluster: Cluster): Promise<number> {
  return Math.min(MAX_SLOTS, Math.max(1, LANES_PER_PROCESSOR * (await dataProcessors(cluster))));
}

/** Documents of one scroll page of `_reindex`. */
export async function reindexBatch(cluster: Cluster, index: string, documents: number): Promise<number> {
  const { primaryBytes } = await getStoreSize(cluster, index);
  const documentBytes = Math.max(1, primaryBytes / Math.max(1, documents));
  return Math.round(Math.min(BATCH.most, Math.max(BATCH.least, BATCH.bytes / documentBytes)));
}
