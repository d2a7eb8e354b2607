// A verification while documents are written: what following brings late is no difference, what it can't bring is one.
import { describe, expect, it } from 'vitest';
import { refresh } from '../../src/cluster/indices/refresh.js';
import { stampOf } from '../../src/protocol/stamp.js';
import { ContentVerification, type Difference } from '../../src/coordinator/verify/contentVerification.js';
import { copy, follow, openBoth, put, shardOf } from './pair.js';
import { inSmallWorld, type SmallWorld } from './small.js';

const SEEDS = 20;
const WRITES = 30;

/** Verified again and again while the one document is written and copied, with pauses of any length. */
async function verifyMeanwhile(small: SmallWorld): Promise<readonly Difference[]> {
  const { world, cluster } = small;
  const replication = await openBoth(small);
  const written = new AbortController();
  const writing = (async () => {
    for (let n = 0; n < WRITES; n++) {
      const { _seq_no, _primary_term } = await put(small, n);
      await copy(small, n, stampOf(1, _primary_term, _seq_no));
      await world.clock.sleep(world.random.next() ** 3 * 2_000, world.process);
    }
    written.abort();
  })();
  const differences: Difference[] = [];
  let cursors = await follow(replication);
  while (!written.signal.aborted) {
    const verification = new ContentVerification(replication, () => false);
    await refresh(cluster, replication.leader.index);
    await verification.slice(1_000);
    while (!verification.done) {
      cursors = await follow(replication, cursors);
      await verification.recheck(cursors, { keepRefused });
    }
    differences.push(...verification.differences);
  }
  await writing;
  return differences;
}

describe('a verification', () => {
  it('finds nothing in what is only late', async () => {
    const found: unknown[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const differences = await inSmallWorld(seed, { slowMs: 20, replicationMs: 200 }, verifyMeanwhile);
      if (differences.length > 0) found.push({ seed, differences });
    }
    expect(found).toEqual([]);
  });

  it('finds and repairs what stays different', async () => {
    await inSmallWorld(1, {}, async (small) => {
      const replication = await openBoth(small);
      const { _seq_no, _primary_term } = await put(small, 1);
      const cursors = await follow(replication);
      await copy(small, -1, stampOf(1, _primary_term, _seq_no), { versionType: 'external_gte' });

      const verification = new ContentVerification(replication, () => false);
      await verification.slice(1_000);
      expect(verification.inDoubt).toBe(1);
      await verification.recheck([-1], { keepRefused }); // following has not passed it
      expect(verification.inDoubt).toBe(1);
      expect(storedIn(small)).toEqual({ v: -1 });
      while (!verification.done) await verification.recheck(cursors, { keepRefused });
      expect(verification.differences).toMatchObject([
        { kind: 'content', fields: ['v: -1 -> 1'], repaired: true },
      ]);
      expect(storedIn(small)).toEqual({ v: 1 });
    });
  });
});

const keepRefused = (): Promise<never> => Promise.reject(new Error('nothing is refused here'));

function storedIn(small: SmallWorld): unknown {
  return JSON.parse(shardOf(small, 'c-v2').get('1')?.source ?? 'null');
}
