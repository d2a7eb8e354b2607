import { describe, expect, test } from 'vitest';
import { bytesToKeepFree, diskRooms, placeCopies } from './diskPlacement.js';
import { diskRoomFindings, formatBytes } from './diskRoom.js';

const GB = 1024 ** 3;
const DISK = 'cluster.routing.allocation.disk';
const node = (name: string, total: number, available: number) => ({
  name,
  totalBytes: total * GB,
  availableBytes: available * GB,
});

test.each([
  ['90%', undefined, 100 * GB],
  ['0.9', undefined, 100 * GB],
  ['50gb', undefined, 50 * GB],
  ['90%', 20 * GB, 20 * GB],
  ['nonsense', undefined, 0],
])('the watermark %s (headroom %s) keeps %d bytes of 1000 GB free', (watermark, headroom, free) => {
  expect(bytesToKeepFree(watermark, 1_000 * GB, headroom)).toBeCloseTo(free, 0);
});

test('without disk thresholds, all free space counts', () => {
  const disks = [node('a', 100, 5)];
  expect(
    diskRooms(disks, { [`${DISK}.threshold_enabled`]: 'false', [`${DISK}.watermark.high`]: '90%' }),
  ).toEqual([{ name: 'a', bytes: 5 * GB }]);
  expect(diskRooms(disks, { [`${DISK}.watermark.high`]: '90%' })).toEqual([{ name: 'a', bytes: 0 }]);
});

test('each copy of a shard needs a node of its own', () => {
  const rooms = [
    { name: 'a', bytes: 100 },
    { name: 'b', bytes: 30 },
  ];
  expect(placeCopies(rooms, { shards: 1, copies: 1, bytesPerShard: 80 })).toBe(true);
  expect(placeCopies(rooms, { shards: 1, copies: 2, bytesPerShard: 40 })).toBe(false);
  expect(placeCopies(rooms, { shards: 3, copies: 2, bytesPerShard: 10 })).toBe(true);
  expect(placeCopies(rooms, { shards: 4, copies: 2, bytesPerShard: 10 })).toBe(false);
});

describe('the copy of a 10 GB index', () => {
  const findings = (available: number, nodes = 1, replicas = 0) =>
    diskRoomFindings({
      source: 'shop-v1',
      target: 'shop-v2',
      primaryBytes: 10 * GB,
      primaries: 2,
      replicas,
      disks: Array.from({ length: nodes }, (_, n) => node(`n${n}`, 100, available)),
      settings: { [`${DISK}.watermark.high`]: '90%' },
    });

  test('says nothing where there is plenty of room', () => {
    expect(findings(60)).toEqual([]);
  });

  test('blocks when it would pass the high watermark', () => {
    expect(findings(19)).toEqual([
      {
        check: 'disk-room',
        level: 'block',
        message:
          'shop-v2 needs about 10.0 GB (shop-v1 has 10.0 GB, 1 copy of each shard), which does not fit below the high ' +
          'disk watermark (room: n0 9.0 GB). Free space, add a node, or declare fewer replicas.',
      },
    ]);
  });

  test('warns when there is no room for merges', () => {
    expect(findings(25)).toMatchObject([{ level: 'warn' }]);
  });

  test('counts the replicas that have a node', () => {
    expect(findings(19.9, 2, 1)).toMatchObject([{ level: 'block' }]);
    expect(findings(20.5, 2, 1)).toMatchObject([{ level: 'warn' }]);
    expect(findings(40, 1, 1)).toEqual([]);
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_024, '1.0 KB'],
  [1_600 * 1_024, '1.6 MB'],
  [200 * GB, '200 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
