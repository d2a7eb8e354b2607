// Confirms the follower after a 409 (docs/protocol.md, "Confirm"). A 409 means that the follower has this
// copy or a newer one, but a fail-over may undo this until the follower is confirmed. Waiting copies share
// one confirmation.
import type { IndexRef } from '../../../cluster/indexRef.js';
import { indexRouting } from '../../../cluster/indices/indexRouting.js';
import { Confirmation } from '../../../protocol/confirm.js';

export class CopyConfirmer {
  readonly #follower: IndexRef & { readonly shards: number };
  /** Begun before the copies were sent that it confirms, to notice if a primary has changed since. */
  #baseline: Confirmation;
  #running: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;

  private constructor(follower: IndexRef & { readonly shards: number }, baseline: Confirmation) {
    this.#follower = follower;
    this.#baseline = baseline;
  }

  static async open({ cluster, index }: IndexRef): Promise<CopyConfirmer> {
    const { shards } = await indexRouting(cluster, index);
    const baseline = await Confirmation.begin(cluster, { index, shards });
    return new CopyConfirmer({ cluster, index, shards }, baseline);
  }

  /** Read this before sending a copy, and pass it to `confirm` after a 409. */
  get baseline(): Confirmation {
    return this.#baseline;
  }

  /** @returns false if a primary has changed since the copy was sent, so the copy has to be sent again */
  async confirm(baseline: Confirmation): Promise<boolean> {
    const ok = await this.#shared();
    return ok && baseline === this.#baseline;
  }

  /** Waits for the next confirmation: one that runs already may have read the follower before this 409. */
  #shared(): Promise<boolean> {
    if (!this.#running) {
      this.#running = this.#confirmOnce().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#next ??= this.#running
      .catch(() => false)
      .then(() => {
        this.#next = undefined;
        return this.#shared();
      });
    return this.#next;
  }

  async #confirmOnce(): Promise<boolean> {
    if (await this.#baseline.confirm()) return true;
    // oxlint-disable-next-line twindex/atomic-updates -- one confirmation runs at a time (see #shared)
    this.#baseline = await Confirmation.begin(this.#follower.cluster, this.#follower);
    return false;
  }
}
