// A 409 of the follower says that it has the copy or something newer, but a fail-over may still take that back. It
// counts once it is confirmed (docs/protocol.md, "Confirm"): one confirmation for all that wait for one.
import type { IndexRef } from '../../../cluster/indexRef.js';
import { indexRouting } from '../../../cluster/indices/indexRouting.js';
import { Confirmation } from '../../../protocol/confirm.js';

export class CopyConfirmer {
  readonly #second: IndexRef & { readonly shards: number };
  /** Begun before the copies that it confirms were sent: its primary terms are from then. */
  #baseline: Confirmation;
  #running: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;

  private constructor(follower: IndexRef & { readonly shards: number }, baseline: Confirmation) {
    this.#second = follower;
    this.#baseline = baseline;
  }

  static async open({ cluster, index }: IndexRef): Promise<CopyConfirmer> {
    const { shards } = await indexRouting(cluster, index);
    const baseline = await Confirmation.begin(cluster, { index, shards });
    return new CopyConfirmer({ cluster, index, shards }, baseline);
  }

  /** To be taken before a copy is sent, and given back with its 409. */
  get baseline(): Confirmation {
    return this.#baseline;
  }

  /** @returns false: a primary has changed since the copy was sent, so it has to be sent again */
  async confirm(baseline: Confirmation): Promise<boolean> {
    const ok = await this.#shared();
    return ok && baseline === this.#baseline;
  }

  /** One that is running read its numbers before this 409 came; the next one reads them after it. */
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
    this.#baseline = await Confirmation.begin(this.#second.cluster, this.#second);
    return false;
  }
}
