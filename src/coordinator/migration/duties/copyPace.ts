// Measures how fast this coordinator copies and verifies. The record keeps the result for the estimates of
// later plans.
import { getStoreSize } from '../../../cluster/indices/getStoreSize.js';
import type { IndexRef } from '../../../cluster/indexRef.js';
import { now } from '../../../clock.js';
import { isTwindexError } from '../../../errors.js';
import type { CopyPace, MigrationRecord } from '../../../protocol/record.js';
import type { Tally } from '../../../protocol/replication.js';

interface Measured {
  readonly record: MigrationRecord;
  readonly source: IndexRef;
  readonly tally: Tally;
}

export class PaceMeter {
  #copyMs = 0;
  #verifyingSince: number | undefined;

  /** Time that was spent on the back-fill. Pauses, and the time of earlier coordinators, do not count. */
  copiedFor(ms: number): void {
    this.#copyMs += ms;
  }

  /** @returns undefined if this coordinator has copied nothing */
  async ofCopy({ record, source, tally }: Measured): Promise<CopyPace | undefined> {
    const documents = tally.copied;
    if (documents === 0) return undefined;
    const share = Math.min(1, documents / Math.max(1, record.documents));
    const bytes = Math.round((await storeBytes(source)) * share);
    return { documents, bytes, ms: Math.round(this.#copyMs), verifyMs: null };
  }

  /** How long the first verification has taken so far; undefined if an earlier coordinator made the copy. */
  verifyingFor({ copyPace, leader, verified }: MigrationRecord): number | undefined {
    if (!copyPace || copyPace.verifyMs !== null || leader !== 'source' || verified || this.#copyMs === 0)
      return undefined;
    this.#verifyingSince ??= now();
    return Math.round(now() - this.#verifyingSince);
  }
}

/** @returns 0 if the engine gives no answer: a missing estimate must not stop the migration */
async function storeBytes({ cluster, index }: IndexRef): Promise<number> {
  try {
    return (await getStoreSize(cluster, index)).primaryBytes;
  } catch (error) {
    if (!isTwindexError(error)) throw error;
    return 0;
  }
}
