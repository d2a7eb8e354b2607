// Two indexes of a small world, one of which is followed by the other, and a document that is written.
import { type Direction, newTally, openDirection } from '../../src/follow/direction.js';
import { PageReader } from '../../src/follow/pageReader.js';
import { asTheyAre } from '../../src/follow/reshape.js';
import { followRound } from '../../src/follow/round.js';
import type { SmallWorld } from './small.js';

export async function openBoth({ engine, cluster }: SmallWorld, epoch = 1): Promise<Direction> {
  engine.createIndex('c-v1', {});
  engine.createIndex('c-v2', { aliases: { feed: { is_write_index: true } } });
  return await openDirection({
    cluster,
    first: 'c-v1',
    second: 'c-v2',
    feed: 'feed',
    epoch,
    reshape: asTheyAre,
    reshapeBack: asTheyAre,
    roleStart: [-1],
    tally: newTally(),
  });
}

export const put = (
  { cluster }: SmallWorld,
  value: number,
): Promise<{ readonly _seq_no: number; readonly _primary_term: number }> =>
  cluster.connection.json({ method: 'PUT', path: '/c-v1/_doc/1', body: { v: value } });

/** Round after round, until one has caught up. @returns the cursors */
export async function follow(direction: Direction, cursors: readonly number[] = [-1]): Promise<number[]> {
  const reader = new PageReader(direction.cluster, { source: true });
  for (;;) {
    const round = await followRound(direction, {
      cursors,
      reader,
      budgetMs: 1_000,
      feed: {},
      keepRefused: async () => undefined,
    });
    if (round.type === 'confirmed' && round.caughtUp) return round.cursors;
  }
}
