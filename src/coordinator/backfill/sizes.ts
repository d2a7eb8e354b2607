// Decides how many windows are copied at the same time, and how many documents a page has.
import type { Cluster } from '../../cluster/cluster.js';
import { dataProcessors } from '../../cluster/nodes/dataProcessors.js';
import { getStoreSize } from '../../cluster/indices/getStoreSize.js';

/** How many windows this process copies in pages at the same time. Each takes some MB of memory. */
export const PAGE_WINDOWS = 3;

/** More than one, because each task also waits for the disk and for its searches. */
const TASKS_PER_PROCESSOR = 2;
const MAX_SLOTS = 16;
/** Larger pages are hardly faster, but slow down searches, especially during a throttled copy. */
const BATCH = { least: 100, most: 1_000, bytes: 2 << 20 } as const;

const LEAST_PIECE = 20;

export function pieceOf(docsPerSecond: number, ms: number): number {
  return Math.max(LEAST_PIECE, Math.floor((docsPerSecond * ms) / 1_000));
}

const SECOND_MS = 1_000;

/**
 * The size of a page of a throttled copy. Each page costs a request, so with fewer than `least` documents, a
 * busy engine would stay far below the rate. But a page that takes longer than a second would be a long burst
 * of load.
 */
export function pageOf(docsPerSecond: number, ms: number, least: number): number {
  return Math.max(pieceOf(docsPerSecond, ms), Math.min(least, pieceOf(docsPerSecond, SECOND_MS)));
}

export async function reindexSlots(cluster: Cluster): Promise<number> {
  return Math.min(MAX_SLOTS, Math.max(1, TASKS_PER_PROCESSOR * (await dataProcessors(cluster))));
}

/** @returns the number of documents in a scroll page */
export async function reindexBatch(cluster: Cluster, index: string, documents: number): Promise<number> {
  const { primaryBytes } = await getStoreSize(cluster, index);
  const documentBytes = Math.max(1, primaryBytes / Math.max(1, documents));
  return Math.round(Math.min(BATCH.most, Math.max(BATCH.least, BATCH.bytes / documentBytes)));
}
