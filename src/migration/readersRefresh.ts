// While readers are on the follower: applications write to the leader, and a write with `refresh=true` refreshes only that. An
// index that is not refreshed by itself would never show it to its readers, so the coordinator does that on their behalf.
import { isNeverRefreshed } from '../cluster/operations/isNeverRefreshed.js';
import { refresh } from '../cluster/operations/refresh.js';
import type { Located } from '../cluster/located.js';
import { now } from './session.js';

/** The engine's own interval. */
const EVERY_MS = 1_000;
/** Somebody may change the setting. */
const LOOK_MS = 30_000;

export class ReadersRefresh {
  #seen: { readonly index: string; readonly never: boolean; readonly at: number } | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  /** To be called in every turn in which readers are on this index. */
  async tend({ cluster, index }: Located): Promise<void> {
    const at = now();
    if (this.#seen?.index !== index || at - this.#seen.at > LOOK_MS)
      // oxlint-disable-next-line twindex/atomic-updates -- the machine does one step after the other
      this.#seen = { index, never: await isNeverRefreshed(cluster, index), at };
    if (!this.#seen.never || at - this.#refreshedAt < EVERY_MS) return;
    this.#refreshedAt = at;
    await refresh(cluster, index);
  }
}
