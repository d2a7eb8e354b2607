// Check: the nodes need space for a second copy of the index, without reaching the high disk watermark.
import { type ClusterSettings, getClusterSettings } from '../../cluster/nodes/getClusterSettings.js';
import { getNodeDisks, type NodeDisk } from '../../cluster/nodes/getNodeDisks.js';
import { getStoreSize } from '../../cluster/indices/getStoreSize.js';
import { isClosed } from '../../cluster/indices/isClosed.js';
import type { Check, Finding } from './check.js';
import { diskRooms, placeCopies } from './diskPlacement.js';
import { primariesOf, replicasOf } from './shardLimit.js';

export const checkDiskRoom: Check = async ({ cluster, sourceCluster, source, target }) => {
  if (!source || !target || (await isClosed(sourceCluster, source.index))) return [];
  const [settings, disks, size] = await Promise.all([
    getClusterSettings(cluster),
    getNodeDisks(cluster),
    getStoreSize(sourceCluster, source.index),
  ]);
  return diskRoomFindings({
    source: source.index,
    target: target.index,
    primaryBytes: size.primaryBytes,
    primaries: primariesOf(target.settings),
    replicas: replicasOf(target.settings),
    disks,
    settings,
  });
};

export interface DiskNeed {
  readonly source: string;
  readonly target: string;
  /** The size of the source's primaries. The new index is expected to be as large. */
  readonly primaryBytes: number;
  readonly primaries: number;
  readonly replicas: number;
  readonly disks: readonly NodeDisk[];
  readonly settings: ClusterSettings;
}

/** While the engine merges segments, an index may need twice its size for a moment. */
const MERGE_FACTOR = 2;

export function diskRoomFindings(need: DiskNeed): Finding[] {
  const { source, target, primaryBytes, primaries, disks } = need;
  if (disks.length === 0) return [];
  const rooms = diskRooms(disks, need.settings);
  // the engine puts at most one copy of a shard on a node, and the replicas that it can't assign need no space
  const copies = 1 + Math.min(need.replicas, disks.length - 1);
  const fits = (factor: number) =>
    placeCopies(rooms, { shards: primaries, copies, bytesPerShard: (primaryBytes * factor) / primaries });
  const wanted = `${target} needs about ${formatBytes(primaryBytes * copies)} (${source} has ${formatBytes(primaryBytes)}, ${copies} ${copies === 1 ? 'copy' : 'copies'} of each shard)`;
  const room = rooms.map(({ name, bytes }) => `${name} ${formatBytes(bytes)}`).join(', ');
  if (!fits(1)) {
    return [
      {
        check: 'disk-room',
        level: 'block',
        message: `${wanted}, which does not fit below the high disk watermark (room: ${room}). Free space, add a node, or declare fewer replicas.`,
      },
    ];
  }
  if (!fits(MERGE_FACTOR)) {
    return [
      {
        check: 'disk-room',
        level: 'warn',
        message: `${wanted}, and for moments twice as much, while segments are merged. This may exceed the high disk watermark (room: ${room}).`,
      },
    ];
  }
  return [];
}

/** For example `1.5 GB`, in powers of 1024, as the engines print sizes. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
