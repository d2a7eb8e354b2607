// What is confirmed while it is copied: that nothing of it can be undone by a fail-over, on either index.
import type { Located } from '../cluster/located.js';
import { refresh } from '../cluster/indices/refresh.js';
import { TwindexError } from '../errors.js';
import { Confirmation, type Observed } from './confirm.js';

/** Both indexes, from before anything of the first is read to when all of it is written to the second. */
export class BothConfirmation {
  readonly onFirst: Confirmation;
  readonly #onSecond: Confirmation;

  private constructor(onFirst: Confirmation, onSecond: Confirmation) {
    this.onFirst = onFirst;
    this.#onSecond = onSecond;
  }

  static async begin({ first, second }: Watched): Promise<BothConfirmation> {
    const [onFirst, onSecond] = await Promise.all([
      Confirmation.begin(first.cluster, first),
      Confirmation.begin(second.cluster, second),
    ]);
    return new BothConfirmation(onFirst, onSecond);
  }

  /** @returns false when a fail-over may undo something of what was read, or written: it has to be done again */
  async confirm(): Promise<boolean> {
    return (await this.#onSecond.confirm()) !== undefined && (await this.onFirst.confirm()) !== undefined;
  }
}

interface Watched {
  readonly first: Observed & Located;
  readonly second: Observed & Located;
}

/**
 * Everything up to the checkpoints that were read before is seen by searches from here on.
 * @throws TwindexError `overloaded` when it failed over, or lags
 */
export async function showConfirmed({ cluster, index }: Located, observed: Confirmation): Promise<void> {
  await refresh(cluster, index);
  if (!(await observed.confirm())) throw new TwindexError('overloaded', `${index} failed over, or lags`);
}
