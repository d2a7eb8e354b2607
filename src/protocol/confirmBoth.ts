// What is confirmed while it is copied: that nothing of it can be undone by a fail-over, on either index.
import type { IndexRef } from '../cluster/indexRef.js';
import { refresh } from '../cluster/indices/refresh.js';
import { TwindexError } from '../errors.js';
import { Confirmation, type Observed } from './confirm.js';

/** Both indexes, from before anything of the leader is read to when all of it is written to the follower. */
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

  /** @returns false when a fail-over may undo something of what was read, or written: it has to be done again */
  async confirm(): Promise<boolean> {
    return (await this.#onFollower.confirm()) !== undefined && (await this.onLeader.confirm()) !== undefined;
  }
}

interface Watched {
  readonly leader: Observed & IndexRef;
  readonly follower: Observed & IndexRef;
}

/**
 * Everything up to the checkpoints that were read before is seen by searches from here on.
 * @throws TwindexError `overloaded` when it failed over, or lags
 */
export async function showConfirmed({ cluster, index }: IndexRef, observed: Confirmation): Promise<void> {
  await refresh(cluster, index);
  if (!(await observed.confirm())) throw new TwindexError('overloaded', `${index} failed over, or lags`);
}
