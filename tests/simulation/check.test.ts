// A process that only looks on while a document is written, copied and followed: what is late is no difference.
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import type { Request } from '../../src/cluster/request.js';
import { refresh } from '../../src/cluster/indices/refresh.js';
import type { Replication } from '../../src/protocol/replication.js';
import { PageReader } from '../../src/documents/pageReader.js';
import { stampOf } from '../../src/protocol/stamp.js';
import { PendingDifferences } from '../../src/coordinator/verify/pendingDifferences.js';
import { type VerifyFinding, Findings } from '../../src/coordinator/verify/findings.js';
import { type Level, PageComparison } from '../../src/coordinator/verify/pageComparison.js';
import { Checkpoint } from '../../src/coordinator/verify/coordinatorProgress.js';
import { copy, follow, KEY, openBoth, put } from './pair.js';
import { inSmallWorld, type SmallWorld } from './small.js';

const SEEDS = 20;
const WRITES = 30;
const LOOK_MS = 50;

/** One check. @param cursors as the journal has them at this moment */
async function check(
  { world, cluster }: SmallWorld,
  {
    replication,
    level,
    cursors,
  }: { replication: Replication; level: Level; cursors: () => readonly number[] },
): Promise<{ findings: readonly VerifyFinding[]; moving: number }> {
  const findings = new Findings(() => undefined);
  let known = cursors();
  const progress = {
    get cursors() {
      return known;
    },
    mark: () => new Checkpoint(),
    forget: () => undefined,
  };
  const pending = new PendingDifferences({ replication, progress, findings, dropsBack: false });
  const circumstances = { isRejected: () => false, onNonDeterministic: () => undefined };
  const pages = new PageComparison({ replication, level, pending, findings, circumstances });
  await refresh(cluster, replication.leader.index);
  const fields = level === 'stamps' ? 'ids' : 'source';
  const { hits } = await new PageReader(cluster, fields).read(replication.leader.index, 0, -1, undefined);
  await pages.documents(hits);
  while (pending.size > 0) {
    known = cursors();
    await pending.check(circumstances);
    await world.clock.sleep(LOOK_MS, world.process);
  }
  return { findings: findings.first, moving: findings.counts.moving };
}

/** Checked again and again while the one document is written, copied and followed, with pauses of any length. */
async function checkMeanwhile(small: SmallWorld, level: Level): Promise<readonly VerifyFinding[]> {
  const { world } = small;
  const replication = await openBoth(small);
  const written = new AbortController();
  const writing = (async () => {
    for (let n = 0; n < WRITES; n++) {
      const { _seq_no, _primary_term } = await put(small, n);
      if (n % 3 > 0) await copy(small, n, stampOf(1, _primary_term, _seq_no));
      await world.clock.sleep(world.random.next() ** 3 * 1_000, world.process);
    }
    written.abort();
  })();
  let cursors: readonly number[] = [-1];
  const following = (async () => {
    while (!written.signal.aborted) {
      cursors = await follow(replication, cursors);
      await world.clock.sleep(LOOK_MS, world.process);
    }
    cursors = await follow(replication, cursors);
  })();
  const found: VerifyFinding[] = [];
  while (!written.signal.aborted)
    found.push(...(await check(small, { replication, level, cursors: () => cursors })).findings);
  await Promise.all([writing, following]);
  return found;
}

/** Something happens between the first `_mget` and the next. */
function afterFirstGet(cluster: Cluster, happens: () => Promise<void>): Cluster {
  let gets = 0;
  const send = async (request: Request) => {
    const answer = await cluster.connection.send(request);
    if (request.path.endsWith('/_mget') && ++gets === 1) await happens();
    return answer;
  };
  const connection = new Proxy(cluster.connection, {
    get: (target, name) => {
      const value: unknown = name === 'send' ? send : Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { ...cluster, connection };
}

describe('a check by somebody who only looks on', () => {
  it.each(['content', 'stamps'] as const)('by %s finds nothing in what is only late', async (level) => {
    const wrong: unknown[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const weather = { slowMs: 20, replicationMs: 200 };
      const found = await inSmallWorld(seed, weather, (small) => checkMeanwhile(small, level));
      if (found.length > 0) wrong.push({ seed, found });
    }
    expect(wrong).toEqual([]);
  });

  it('takes no write between its two reads for a difference', async () => {
    await inSmallWorld(1, {}, async (small) => {
      const replication = await openBoth(small);
      await put(small, 1);
      const passed = await follow(replication);
      const { hits } = await new PageReader(small.cluster, 'source').read('c-v1', 0, -1, undefined);
      const between = async (): Promise<void> => {
        const { _seq_no, _primary_term } = await put(small, 2);
        await copy(small, 2, stampOf(1, _primary_term, _seq_no));
      };
      const findings = new Findings(() => undefined);
      const cluster = afterFirstGet(small.cluster, between);
      const progress = { cursors: passed, mark: () => new Checkpoint(), forget: () => undefined };
      const pending = new PendingDifferences({
        replication: {
          ...replication,
          leader: { ...replication.leader, cluster },
          follower: { ...replication.follower, cluster },
        },
        progress,
        findings,
        dropsBack: false,
      });
      pending.add(KEY, hits[0], undefined);
      await pending.check({ isRejected: () => false, onNonDeterministic: () => undefined });
      expect(findings.first).toEqual([]);
    });
  });

  it('finds what stays different once following has passed it, and not before', async () => {
    await inSmallWorld(1, {}, async (small) => {
      const replication = await openBoth(small);
      const { _seq_no, _primary_term } = await put(small, 1);
      const passed = await follow(replication);
      await copy(small, -1, stampOf(1, _primary_term, _seq_no), { versionType: 'external_gte' });
      let looks = 0;
      const cursors = () => (++looks > 3 ? passed : [-1]);
      const { findings } = await check(small, { replication, level: 'content', cursors });
      expect(looks).toBe(4);
      expect(findings).toEqual([{ id: '1', routing: null, kind: 'content', fields: ['v: -1 -> 1'] }]);
    });
  });

  it('takes no document that is deleted again and again for one that is left over', async () => {
    await inSmallWorld(1, {}, async (small) => {
      const replication = await openBoth(small);
      const { pending, findings, look } = withPending(replication);
      let cursors = await follow(replication, [-1]);
      pending.add(KEY, undefined, undefined);
      for (let n = 0; n < 5; n++) {
        // a comparison of ids sees it between the two
        await put(small, n);
        cursors = await follow(replication, cursors);
        await remove(small);
        await look();
      }
      expect(findings.first).toEqual([]);
    });
  });

  it('finds a document that is left over', async () => {
    await inSmallWorld(1, {}, async (small) => {
      const replication = await openBoth(small);
      const { pending, findings, look } = withPending(replication);
      await put(small, 1);
      await follow(replication);
      await remove(small);
      pending.add(KEY, undefined, undefined);
      for (let n = 0; n < 3; n++) await look();
      expect(findings.first).toEqual([{ id: '1', routing: null, kind: 'extra', fields: [] }]);
    });
  });
});

const remove = ({ cluster }: SmallWorld): Promise<unknown> =>
  cluster.connection.json({ method: 'DELETE', path: '/c-v1/_doc/1' });

/** Pending differences, and a look at them after a comparison of ids has begun and ended. */
function withPending(replication: Replication): {
  readonly pending: PendingDifferences;
  readonly findings: Findings;
  readonly look: () => Promise<void>;
} {
  const findings = new Findings(() => undefined);
  const progress = { cursors: [-1], mark: () => ({ passed: true }), forget: () => undefined };
  const pending = new PendingDifferences({ replication, progress, findings, dropsBack: false });
  return {
    pending,
    findings,
    look: () => pending.check({ isRejected: () => false, onNonDeterministic: () => undefined }),
  };
}
