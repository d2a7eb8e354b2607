// Finds out whether some writes bypass the writers. If so, following makes copies that no writer has sent.
import { now } from '../../../clock.js';
import type { WritersWatch } from '../../../journal/writersWatch.js';
import { PastWriters } from './pastWriters.js';

export class BypassedWrites {
  readonly #watch: WritersWatch;
  readonly #past: PastWriters;
  /** The copies made by following, over time. The first entry is older than all writers' last heartbeats. */
  #byFollowing: { readonly documents: number; readonly at: number }[] = [];
  /** When following had copied all operations that were made before all writers mirrored. */
  #inSyncAt: number | undefined;

  /** @param before the documents that earlier coordinators have counted */
  constructor(watch: WritersWatch, before: number) {
    this.#watch = watch;
    this.#past = new PastWriters(before);
  }

  /**
   * @param documents how many documents following has copied so far
   * @param isInSync whether following has copied all operations that were made before all writers mirrored;
   * undefined if they do not mirror
   */
  note(documents: number, isInSync: boolean | undefined): void {
    const at = now();
    // A writer reports only with its next heartbeat that following was faster than its own copies. So the
    // count is compared as it was before the last heartbeats.
    const from = Math.min(at, this.#watch.heardFromAllAt) - this.#watch.longestLeaseMs / 2;
    this.#byFollowing.push({ documents, at });
    const first = this.#byFollowing.findLastIndex((one) => one.at <= from);
    if (first > 0) this.#byFollowing.splice(0, first);

    if (isInSync === undefined) this.#inSyncAt = undefined;
    else if (isInSync) this.#inSyncAt ??= at;
    // The count begins when all writers mirror, and each of them has reported the copies that it made before.
    const counts = this.#inSyncAt !== undefined && at - this.#inSyncAt > this.#watch.longestLeaseMs;
    this.#past.note({ byFollowing: this.#reported, explained: this.#watch.explained }, counts);
  }

  /** Whether some writes may have bypassed the writers. */
  get areLikely(): boolean {
    return this.#reported > this.#watch.notMirrored;
  }

  /** At least this many documents have bypassed the writers. */
  get count(): number {
    return this.#past.count;
  }

  get #reported(): number {
    return this.#byFollowing[0]?.documents ?? 0;
  }
}
