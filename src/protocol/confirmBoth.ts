// Confirms both indexes of a copy: no fail-over can undo the operations that were read from the leader, or written to the
// follower.
import type { IndexRef } from '../cluster/indexRef.js';
import { refresh } from '../cluster/indices/refresh.js';
import { TwindexError } from '../errors.js';
import { Confirmation, type Observed } from './confirm.js';

/** Watches both indexes, from before the first read of the leader until after the last write to the follower. */
export class BothConfirmation {
  readonly onLeader: Confirmation;
  readonly #onFollower: Confirmation;

  private constructor(onLeader: Confirmation, onFollower: Confirmation) {
    this.onLeader = onLeader;
    this.#onFollower = onFollower;
  }

  static async begin({ leader, follower }: Watched): Promise<BothConfirmation> {
    const [onLeader, onFollower] = await Promise.all([
      Confirmation.begin(leader.cluster, leader),
      Confirmation.begin(follower.cluster, follower),
    ]);
    return new BothConfirmation(onLeader, onFollower);
  }

  /** @returns false when a fail-over may undo an operation that was read or written: the copy has to be repeated */
  async confirm(): Promise<boolean> {
    return (await this.#onFollower.confirm()) !== undefined && (await this.onLeader.confirm()) !== undefined;
  }
}

interface Watched {
  readonly leader: Observed & IndexRef;
  readonly follower: Observed & IndexRef;
}

/**
 * Refreshes and confirms an index, so that searches see all operations up to the checkpoints read before.
 * @throws TwindexError `overloaded` when the index failed over, or lags
 */
export async function showConfirmed({ cluster, index }: IndexRef, observed: Confirmation): Promise<void> {
  await refresh(cluster, index);
  if (!(await observed.confirm())) throw new TwindexError('overloaded', `${index} failed over, or lags`);
}
