// Rounds and resyncs of following while their index is written or fails over, with every rule and without one of them.
import { describe, expect, it } from 'vitest';
import { CopiesSeen } from '../../src/coordinator/follow/alreadyCopied.js';
import { resync } from '../../src/coordinator/follow/resync.js';
import { stampOf } from '../../src/protocol/stamp.js';
import { copy, follow, KEY, openBoth, put, shardOf } from './pair.js';
import { inSmallWorld, type SmallWorld } from './small.js';
import type { Rule } from './withoutRules.js';

const SEEDS = 100;

const isSame = (small: SmallWorld): boolean =>
  shardOf(small, 'c-v1').get('1')?.source === shardOf(small, 'c-v2').get('1')?.source;

/** A deleted document is written anew while it is resynced. */
async function resyncMeanwhile(small: SmallWorld): Promise<boolean> {
  const { world, cluster } = small;
  const replication = await openBoth(small);
  await put(small, 1);
  await cluster.connection.json({ method: 'DELETE', path: '/c-v1/_doc/1' });
  const writing = world.clock.sleep(world.random.next() * 20, world.process).then(() => put(small, 2));
  await resync(replication, [KEY], {});
  await writing;
  await follow(replication);
  return isSame(small);
}

async function failLater(small: SmallWorld, index: string): Promise<void> {
  const { world, engine } = small;
  await world.clock.sleep(world.random.next() * 200, world.process);
  engine.failOver(engine.indexes.get(index), shardOf(small, index));
}

/** The leader fails over, and takes back an operation that hid the one before it. */
async function firstFailsOver(small: SmallWorld): Promise<boolean> {
  const replication = await openBoth(small);
  await put(small, 1);
  const failing = failLater(small, 'c-v1');
  const writing = put(small, 2).catch(() => undefined); // lost, perhaps
  const cursors = await follow(replication);
  await Promise.all([writing, failing]);
  await follow(replication, cursors);
  return isSame(small);
}

/** The follower has a copy on its primary only, answers 409 to the next, and fails over. */
async function secondFailsOver(small: SmallWorld): Promise<boolean> {
  const replication = await openBoth(small);
  await put(small, 1);
  const early = copy(small, 1, stampOf(1, 1, 0)).catch(() => undefined);
  const failing = failLater(small, 'c-v2');
  const cursors = await follow(replication);
  await Promise.all([early, failing]);
  await follow(replication, cursors);
  return isSame(small);
}

/** The same while following leaves out what the follower shows to be there. */
async function seenCopyIsLost(small: SmallWorld): Promise<boolean> {
  const replication = await openBoth(small);
  const seen = CopiesSeen.of(replication);
  const before = await follow(replication, [-1], seen);
  await put(small, 1);
  const early = copy(small, 1, stampOf(1, 1, 0)).catch(() => undefined);
  const failing = failLater(small, 'c-v2');
  const cursors = await follow(replication, before, seen);
  await Promise.all([early, failing]);
  await follow(replication, cursors, seen);
  return isSame(small);
}

/** The follower was first in an epoch before, and has large versions of that time. */
async function wasSecondBefore(small: SmallWorld): Promise<boolean> {
  const replication = await openBoth(small, 2);
  await copy(small, 0, stampOf(1, 3, 300));
  await put(small, 1);
  await follow(replication);
  return isSame(small);
}

describe.each([
  {
    name: 'a resync while its document is written',
    play: resyncMeanwhile,
    rules: ['M before the GET', 'confirm the leader'],
  },
  {
    name: 'a round while the leader fails over',
    play: firstFailsOver,
    rules: ['confirm the leader'],
  },
  {
    name: 'a round while the follower fails over',
    play: secondFailsOver,
    rules: ['confirm the follower'],
  },
  {
    name: 'a round that sees a copy on the follower, which fails over',
    play: seenCopyIsLost,
    rules: ['confirm the follower'],
  },
  { name: 'a round into an index that was written before', play: wasSecondBefore, rules: ['epoch'] },
] as const)('$name', ({ play, rules }) => {
  const countWrong = async (without: readonly Rule[]): Promise<number> => {
    let wrong = 0;
    for (let seed = 1; seed <= SEEDS; seed++)
      if (!(await inSmallWorld(seed, { without, slowMs: 1, replicationMs: 60 }, play))) wrong++;
    return wrong;
  };

  it('leaves both indexes the same', async () => {
    expect(await countWrong([])).toBe(0);
  });

  it.each(rules)('does not, without: %s', async (rule) => {
    expect(await countWrong([rule])).toBeGreaterThan(0);
  });
});
