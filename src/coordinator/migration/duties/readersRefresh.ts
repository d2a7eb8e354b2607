// While readers are on the follower: applications write to the leader, and a write with `refresh=true` refreshes only that. An
// index that is seldom or never refreshed by itself would not show it to its readers, so the coordinator refreshes it on their behalf.
import { refresh } from '../../../cluster/indices/refresh.js';
import { refreshInterval } from '../../../cluster/indices/refreshInterval.js';
import type { IndexRef } from '../../../cluster/indexRef.js';
import { now } from '../../../clock.js';

/** The engine's own interval. */
const EVERY_MS = 1_000;
/** Readers wait no longer than this for a write that the application has refreshed. */
const SELDOM_MS = 10_000;
/** Somebody may change the setting. */
const LOOK_MS = 30_000;

export class ReadersRefresh {
  #seen: { readonly index: string; readonly seldom: boolean; readonly at: number } | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  /** To be called in every turn in which readers are on this index. */
  async reconcile({ cluster, index }: IndexRef): Promise<void> {
    const at = now();
    if (this.#seen?.index !== index || at - this.#seen.at > LOOK_MS)
      // oxlint-disable-next-line twindex/atomic-updates -- the machine does one step after the other
      this.#seen = { index, seldom: (await refreshInterval(cluster, index)) > SELDOM_MS, at };
    if (!this.#seen.seldom || at - this.#refreshedAt < EVERY_MS) return;
    this.#refreshedAt = at;
    await refresh(cluster, index);
  }
}
