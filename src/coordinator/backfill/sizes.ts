// How many windows are copied at the same time, and how large their pieces are.
import type { Cluster } from '../../cluster/cluster.js';
import { dataProcessors } from '../../cluster/nodes/dataProcessors.js';
import { getStoreSize } from '../../cluster/indices/getStoreSize.js';

/** How many windows are read and written in pages at the same time. Each takes some megabytes of memory. */
export const PAGE_WINDOWS = 3;

/** More than one, because a copy also waits for the disk and for its own searches. */
const LANES_PER_PROCESSOR = 2;
const MAX_SLOTS = 16;
/** Larger pages are hardly faster, and slow down searches, more so when the copy is throttled. */
const BATCH = { least: 100, most: 1_000, bytes: 2 << 20 } as const;

const LEAST_PIECE = 20;

/** The number of documents that the rate allows in this time. */
export function pieceOf(docsPerSecond: number, ms: number): number {
  return Math.max(LEAST_PIECE, Math.floor((docsPerSecond * ms) / 1_000));
}

const SECOND_MS = 1_000;

/**
 * The number of documents in one page of a throttled copy. Each page costs the engine a request, so with very small pages a busy
 * engine stays far below the rate. A page has at most as many documents as the rate allows in a second, so that there are real
 * pauses.
 * @param ms a page may have as many documents as the rate allows in this time, if they are more than `least`
 */
export function pageOf(docsPerSecond: number, ms: number, least: number): number {
  return Math.max(pieceOf(docsPerSecond, ms), Math.min(least, pieceOf(docsPerSecond, SECOND_MS)));
}

/** How many windows the engine copies at the same time. */
export async function reindexSlots(cluster: Cluster): Promise<number> {
  return Math.min(MAX_SLOTS, Math.max(1, LANES_PER_PROCESSOR * (await dataProcessors(cluster))));
}

/** The number of documents in one scroll page of `_reindex`. */
export async function reindexBatch(cluster: Cluster, index: string, documents: number): Promise<number> {
  const { primaryBytes } = await getStoreSize(cluster, index);
  const documentBytes = Math.max(1, primaryBytes / Math.max(1, documents));
  return Math.round(Math.min(BATCH.most, Math.max(BATCH.least, BATCH.bytes / documentBytes)));
}
