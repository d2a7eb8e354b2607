// Confirms the leader and the follower of a copy: no fail-over can undo what the copy has read or written.
import type { IndexRef } from '../cluster/indexRef.js';
import { refresh } from '../cluster/indices/refresh.js';
import { TwindexError } from '../errors.js';
import { Confirmation, type Observed } from './confirm.js';

/** Call `begin` before the leader is read, and `confirm` when all writes to the follower are answered. */
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

  /** @returns false if a fail-over may undo an operation, so that the copy has to be repeated */
  async confirm(): Promise<boolean> {
    return (await this.#onFollower.confirm()) !== undefined && (await this.onLeader.confirm()) !== undefined;
  }
}

interface Watched {
  readonly leader: Observed & IndexRef;
  readonly follower: Observed & IndexRef;
}

/**
 * Refreshes and confirms an index, so that searches see all operations that were done before the call.
 * @throws TwindexError `overloaded` if the index failed over, or a shard copy lags
 */
export async function showConfirmed({ cluster, index }: IndexRef, observed: Confirmation): Promise<void> {
  await refresh(cluster, index);
  if (!(await observed.confirm()))
    throw new TwindexError('overloaded', `${index} failed over, or its replicas lag`);
}
