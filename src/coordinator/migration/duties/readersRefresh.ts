// Refreshes the follower while readers are on it. An application's write with `refresh=true` refreshes only
// the leader, so a follower that refreshes seldom or never by itself would not show the write.
import { refresh } from '../../../cluster/indices/refresh.js';
import { refreshInterval } from '../../../cluster/indices/refreshInterval.js';
import type { IndexRef } from '../../../cluster/indexRef.js';
import { now } from '../../../clock.js';

/** The default refresh interval of the engine. */
const EVERY_MS = 1_000;
/** A follower with a longer refresh interval is refreshed here, for the readers. */
const SELDOM_MS = 10_000;
/** Interval at which the refresh interval is read again, since somebody may change it. */
const LOOK_MS = 30_000;

export class ReadersRefresh {
  #seen: { readonly index: string; readonly seldom: boolean; readonly at: number } | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  /** Call this in each round while readers are on the index. */
  async reconcile({ cluster, index }: IndexRef): Promise<void> {
    const at = now();
    if (this.#seen?.index !== index || at - this.#seen.at > LOOK_MS)
      // oxlint-disable-next-line twindex/atomic-updates -- the coordinator never runs two steps at once
      this.#seen = { index, seldom: (await refreshInterval(cluster, index)) > SELDOM_MS, at };
    if (!this.#seen.seldom || at - this.#refreshedAt < EVERY_MS) return;
    this.#refreshedAt = at;
    await refresh(cluster, index);
  }
}
