// State `restoring`: gives the target its replicas and refresh interval, and follows until the replicas are
// there.
import { indexHealth } from '../../../cluster/indices/indexHealth.js';
import { putSettings } from '../../../cluster/indices/putSettings.js';
import { refresh } from '../../../cluster/indices/refresh.js';
import type { RoundResult } from '../../follow/round.js';
import { restoredSettings } from '../duties/targetIndex.js';
import { wantedTarget } from '../duties/wantedTarget.js';
import type { Step } from '../step.js';
import { followed } from './followed.js';

const SLICE_MS = 2_000;

type Outcome = { readonly round: RoundResult; readonly waitsFor: string };

export const restoring: Step<'restoring', Outcome> = {
  async act(session) {
    await session.generations.reconcile();
    const { cluster, effects, record } = session;
    session.meter.end();
    if (!session.targetRestored) {
      const settings = restoredSettings(await wantedTarget(session));
      await effects.run('restoreTarget', () => putSettings(cluster, record.target.index, settings));
      session.targetRestored = true;
    }
    await refresh(cluster, record.target.index);
    const round = record.paused ? await session.idle() : await session.follow({ budgetMs: SLICE_MS });
    const [target, source] = await Promise.all([
      indexHealth(cluster, record.target.index),
      indexHealth(session.source.cluster, session.source.index),
    ]);
    // If the source can't place its replicas either, the cluster is too small, and waiting would never end.
    const placed = target.initializingShards === 0 && target.relocatingShards === 0;
    const ready =
      target.status === 'green' || (target.status === 'yellow' && source.status === 'yellow' && placed);
    if (!ready) await session.pause(500);
    return {
      round,
      waitsFor: ready ? '' : `${record.target.index} is ${target.status}: its replicas are being copied`,
    };
  },

  decide(record, { round, waitsFor }) {
    if (record.goal === 'aborted') return { to: 'aborting', patch: {} };
    const patch = followed(record, round);
    if (waitsFor || record.paused)
      return { to: 'restoring', patch: { ...patch, message: waitsFor }, needsYou: record.paused };
    return { to: 'mirroring', patch };
  },
};
