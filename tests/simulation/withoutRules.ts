// A second set-up file: rules of the protocol that can be taken out of the real code, by name, for the worlds that say
// so. The tests of ablations show that each of them is needed.
import { vi } from 'vitest';
import type { AliasAction } from '../../src/cluster/indices/updateAliases.js';
import type { ShardStats } from '../../src/cluster/indices/shardStats.js';
import { world } from './world.js';

/** Rules that a run can be without. The last four are demands on the engine: it ignores them. */
export type Rule =
  | 'ids are reconciled'
  | 'a 409 is looked into'
  | 'reconciled versions'
  | 'confirm the leader'
  | 'confirm the follower'
  | 'checkpoint before refresh'
  | 'close the aliases'
  | 'epoch'
  | 'count proof'
  | 'round without bound'
  | 'heal blocks'
  | 'M before the GET'
  | 'intent'
  | 'all have prepared'
  | 'copies are awaited'
  | 'block'
  | 'token'
  | 'feeds are closed'
  | 'generations are closed';

const isOut = (rule: Rule): boolean => world()?.without.has(rule) ?? false;

vi.mock('../../src/protocol/confirm.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/protocol/confirm.js')>();
  const { refresh } = await vi.importActual<typeof import('../../src/cluster/indices/refresh.js')>(
    '../../src/cluster/indices/refresh.js',
  );

  type Begin = Parameters<typeof real.Confirmation.begin>;

  const Confirmation = {
    async begin(...[cluster, observed]: Begin) {
      if (isOut('checkpoint before refresh')) await refresh(cluster, observed.index);
      const confirmation = await real.Confirmation.begin(cluster, observed);
      const rule = observed.index.endsWith('v2') ? 'confirm the follower' : 'confirm the leader';
      const earlier: ShardStats[][] = [];
      return {
        terms: confirmation.terms,
        async stats() {
          return await confirmation.stats();
        },
        async confirm() {
          const seen = isOut(rule) ? await confirmation.stats() : await confirmation.confirm();
          if (!seen || !isOut('M before the GET')) return seen;
          // what was read before the GET is what is read now
          for (const before of earlier) before.splice(0, before.length, ...seen);
          earlier.push([...seen]);
          return earlier.at(-1);
        },
        async sameTerms() {
          return isOut(rule) || (await confirmation.sameTerms());
        },
      };
    },
  };
  return { ...real, Confirmation };
});

vi.mock('../../src/cluster/indices/refresh.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/cluster/indices/refresh.js')>();
  const refresh: typeof real.refresh = async (cluster, index) => {
    // it was done before the checkpoint was read
    if (isOut('checkpoint before refresh') && index.endsWith('v1')) return;
    await real.refresh(cluster, index);
  };
  return { ...real, refresh };
});

vi.mock('../../src/coordinator/migration/succession/aliasMoves.js', async (importOriginal) => {
  const real =
    await importOriginal<typeof import('../../src/coordinator/migration/succession/aliasMoves.js')>();
  const closeWriters: typeof real.closeWriters = (record): AliasAction[] =>
    isOut('close the aliases') ? [] : real.closeWriters(record);
  return { ...real, closeWriters };
});

vi.mock('../../src/protocol/stamp.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/protocol/stamp.js')>();
  const stampOf: typeof real.stampOf = (epoch, term, seqNo) =>
    real.stampOf(isOut('epoch') ? 1 : epoch, term, seqNo);
  const reconciledVersion: typeof real.reconciledVersion = (epoch, operations) =>
    isOut('reconciled versions')
      ? real.stampOf(epoch, 1, operations - 1)
      : real.reconciledVersion(epoch, operations);
  return { ...real, stampOf, reconciledVersion };
});

vi.mock('../../src/protocol/replication.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/protocol/replication.js')>();
  const reconcilesIds: typeof real.reconcilesIds = (replication) =>
    !isOut('ids are reconciled') && real.reconcilesIds(replication);
  return { ...real, reconcilesIds };
});

vi.mock('../../src/coordinator/follow/feedWriter.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/coordinator/follow/feedWriter.js')>();
  const feed: typeof real.feed = (replication, operations, options) =>
    real.feed(replication, operations, {
      ...options,
      onConflict: isOut('a 409 is looked into') ? undefined : options?.onConflict,
    });
  return { ...real, feed };
});

vi.mock('../../src/cluster/documents/countDocuments.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/cluster/documents/countDocuments.js')>();
  const countDocuments: typeof real.countDocuments = async (cluster, index) =>
    isOut('count proof') ? 1 : await real.countDocuments(cluster, index);
  return { ...real, countDocuments };
});

vi.mock('../../src/coordinator/follow/round.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/coordinator/follow/round.js')>();
  const followRound: typeof real.followRound = (replication, options) =>
    real.followRound(replication, isOut('round without bound') ? { ...options, unbounded: false } : options);
  return { ...real, followRound };
});

vi.mock('../../src/cluster/indices/hasWriteBlock.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/cluster/indices/hasWriteBlock.js')>();
  const hasWriteBlock: typeof real.hasWriteBlock = async (cluster, index) =>
    isOut('heal blocks') ? false : await real.hasWriteBlock(cluster, index);
  return { ...real, hasWriteBlock };
});

vi.mock('../../src/writers/mirror/copies/deleteLedger.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/writers/mirror/copies/deleteLedger.js')>();
  class Ledger extends real.Ledger {
    override enter(...parameters: Parameters<InstanceType<typeof real.Ledger>['enter']>) {
      return isOut('intent') ? Promise.resolve({ type: 'entered' } as const) : super.enter(...parameters);
    }
  }
  return { ...real, Ledger };
});

vi.mock('../../src/journal/writersWatch.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/journal/writersWatch.js')>();
  class WritersWatch extends real.WritersWatch {
    override allConfirmed(generation: number): boolean {
      return isOut('all have prepared') || super.allConfirmed(generation);
    }
    override allAwaitCopies(move: number): boolean {
      return isOut('copies are awaited') || super.allAwaitCopies(move);
    }
  }
  return { ...real, WritersWatch };
});
