// Two indexes of a small world, one of which is followed by the other, and a document that is written.
import { bulk } from '../../src/cluster/documents/bulk.js';
import { BulkBody } from '../../src/documents/bulkBody.js';
import type { CopiesSeen } from '../../src/coordinator/follow/alreadyCopied.js';
import {
  type Replication,
  newTally,
  createReplication,
  type Refused,
} from '../../src/protocol/replication.js';
import { PageReader } from '../../src/documents/pageReader.js';
import { asTheyAre } from '../../src/protocol/reshape.js';
import { followRound } from '../../src/coordinator/follow/round.js';
import type { Shard } from './engine/shard.js';
import type { SmallWorld } from './small.js';

export const KEY = { id: '1', routing: undefined };

export async function openBoth({ engine, cluster }: SmallWorld, epoch = 1): Promise<Replication> {
  engine.createIndex('c-v1', {});
  engine.createIndex('c-v2', { aliases: { feed: { is_write_index: true } } });
  return await createReplication({
    leader: { cluster, index: 'c-v1' },
    follower: { cluster, index: 'c-v2' },
    feed: 'feed',
    epoch,
    reshape: asTheyAre,
    reshapeBack: asTheyAre,
    roleStart: [-1],
    backfilled: [],
    tally: newTally(),
  });
}

/** The same with so many shards. */
export async function openShards(
  { engine, cluster }: SmallWorld,
  [first, second]: readonly [number, number],
): Promise<Replication> {
  engine.createIndex('c-v1', { settings: { number_of_shards: first } });
  engine.createIndex('c-v2', {
    settings: { number_of_shards: second },
    aliases: { feed: { is_write_index: true } },
  });
  return await createReplication({
    leader: { cluster, index: 'c-v1' },
    follower: { cluster, index: 'c-v2' },
    feed: 'feed',
    epoch: 1,
    reshape: asTheyAre,
    reshapeBack: asTheyAre,
    roleStart: Array.from({ length: first }, () => -1),
    backfilled: [],
    tally: newTally(),
  });
}

export const put = (
  { cluster }: SmallWorld,
  value: number,
): Promise<{ readonly _seq_no: number; readonly _primary_term: number }> =>
  cluster.connection.json({ method: 'PUT', path: '/c-v1/_doc/1', body: { v: value } });

/** A copy of the document as a gateway sends it to the follower. */
export async function copy(
  { cluster }: SmallWorld,
  value: number,
  version: bigint,
  options: ConstructorParameters<typeof BulkBody>[0] = {},
): Promise<void> {
  const body = new BulkBody(options);
  body.index({ ...KEY, version, source: Buffer.from(`{"v":${value}}`) });
  await bulk(cluster, 'feed', body.take());
}

export function shardOf({ engine }: SmallWorld, index: string): Shard {
  return engine.indexes.get(index).shards[0] as Shard;
}

/** Round after round, until one has caught up. @returns the cursors */
export async function follow(
  replication: Replication,
  cursors: readonly number[] = [-1],
  seen?: CopiesSeen,
  refused: Refused[] = [],
): Promise<number[]> {
  const reader = new PageReader(replication.leader.cluster, 'source');
  for (;;) {
    const round = await followRound(replication, {
      cursors,
      seen,
      reader,
      budgetMs: 1_000,
      feed: {},
      keepRefused: async (some) => void refused.push(...some),
    });
    if (round.type === 'confirmed') cursors = round.cursors;
    if (round.type === 'confirmed' && round.caughtUp) return round.cursors;
  }
}
