// Computes on which nodes the shards of a new index fit, from free space and disk watermarks. Pure.
import type { ClusterSettings } from '../../cluster/nodes/getClusterSettings.js';
import type { NodeDisk } from '../../cluster/nodes/getNodeDisks.js';

export interface DiskRoom {
  readonly name: string;
  /** Bytes that fit below the high watermark; all free space if watermarks are off. */
  readonly bytes: number;
}

const DISK = 'cluster.routing.allocation.disk';

export function diskRooms(disks: readonly NodeDisk[], settings: ClusterSettings): DiskRoom[] {
  const enabled = settings[`${DISK}.threshold_enabled`] !== 'false';
  const high = settings[`${DISK}.watermark.high`] ?? '90%';
  const headroom = parseBytes(settings[`${DISK}.watermark.high.max_headroom`] ?? '');
  return disks.map(({ name, totalBytes, availableBytes }) => {
    const keepFree = enabled ? bytesToKeepFree(high, totalBytes, headroom) : 0;
    return { name, bytes: Math.max(0, availableBytes - keepFree) };
  });
}

/**
 * @param watermark `90%` or `0.9`: the used share of the disk; `50gb`: the free space
 * @param maxHeadroom the most free space that a percentage can demand; undefined: no limit
 */
export function bytesToKeepFree(
  watermark: string,
  totalBytes: number,
  maxHeadroom: number | undefined,
): number {
  const free = parseBytes(watermark);
  if (free !== undefined) return free;
  const used = watermark.endsWith('%') ? Number(watermark.slice(0, -1)) / 100 : Number(watermark);
  if (Number.isNaN(used)) return 0;
  return Math.min(totalBytes * (1 - used), maxHeadroom ?? Number.POSITIVE_INFINITY);
}

const POWERS: Readonly<Record<string, number>> = {
  b: 0,
  k: 1,
  kb: 1,
  m: 2,
  mb: 2,
  g: 3,
  gb: 3,
  t: 4,
  tb: 4,
  p: 5,
  pb: 5,
};

/** Converts `150GB` to bytes. @returns undefined if the string is not a size (`90%`, `-1`, empty) */
function parseBytes(text: string): number | undefined {
  const [, digits, unit] = /^([\d.]+)\s*([a-z]+)$/i.exec(text.trim()) ?? [];
  const power = POWERS[(unit ?? '').toLowerCase()];
  return digits === undefined || power === undefined ? undefined : Number(digits) * 1024 ** power;
}

export interface Placement {
  readonly shards: number;
  /** The number of copies of each shard, with the primary. No two copies are on the same node. */
  readonly copies: number;
  readonly bytesPerShard: number;
}

/** Puts each copy on the node with the most space. @returns true if all copies fit */
export function placeCopies(
  rooms: readonly DiskRoom[],
  { shards, copies, bytesPerShard }: Placement,
): boolean {
  const left = rooms.map(({ bytes }) => bytes);
  for (let shard = 0; shard < shards; shard++) {
    const roomiest = left.map((bytes, node) => ({ bytes, node })).sort((a, b) => b.bytes - a.bytes);
    for (const { node, bytes } of roomiest.slice(0, copies)) {
      if (bytes < bytesPerShard) return false;
      left[node] = bytes - bytesPerShard;
    }
  }
  return true;
}
