// What the journal says of how far the coordinator has come, for a process that only looks on. What it says is some seconds
// old, so it is always less than what has been done.
import type { Cluster } from '../cluster/cluster.js';
import { TwindexError } from '../errors.js';
import { loadRecord } from '../journal/journal.js';
import type { MigrationRecord, StateName } from '../journal/record.js';

/** States in which the second index is followed. */
const IN_STEP: readonly StateName[] = ['mirroring', 'movingReaders', 'holding'];

/** @throws TwindexError `not_found`; `unsafe` where there are no two indexes that are kept in step */
export async function recordInStep(cluster: Cluster, name: string): Promise<MigrationRecord> {
  const record = (await loadRecord(cluster, name))?.source;
  if (!record)
    throw new TwindexError('not_found', `no migration of ${name} is under way. See: twindex status ${name}`);
  if (IN_STEP.includes(record.state)) return record;
  throw new TwindexError(
    'unsafe',
    `the two indexes of ${name} are not kept in step now (${record.state}), so there is nothing to compare. ` +
      `See: twindex status ${name}`,
  );
}

export class Witness implements Progress {
  readonly #cluster: Cluster;
  #record: MigrationRecord;
  readonly #marks = new Set<Mark>();

  constructor(cluster: Cluster, record: MigrationRecord) {
    this.#cluster = cluster;
    this.#record = record;
  }

  /** Everything of the first index up to these was on the second, confirmed, when we looked last. */
  get cursors(): readonly number[] {
    return this.#record.cursors;
  }

  /** @throws TwindexError when the roles are not those that this began with */
  async look(): Promise<void> {
    const record = await recordInStep(this.#cluster, this.#record.name);
    if (record.id !== this.#record.id || record.epoch !== this.#record.epoch)
      throw new TwindexError(
        'failed',
        `the writers of ${record.name} were switched while its indexes were compared. Run the command again.`,
      );
    this.#record = record;
    for (const mark of this.#marks) mark.see(record);
  }

  /** Of this instant. */
  mark(): Mark {
    const mark = new Mark();
    this.#marks.add(mark);
    return mark;
  }

  forget(mark: Instant): void {
    if (mark instanceof Mark) this.#marks.delete(mark);
  }

  /** Nobody follows: what is behind stays behind. */
  get idle(): boolean {
    return this.#record.holder === null || this.#record.paused;
  }
}

export interface Instant {
  /** Every document that was deleted before it must be gone from the second index. */
  readonly passed: boolean;
}

/** How far following has come, and what was deleted before an instant. */
export interface Progress {
  /** Everything of the first index up to these was on the second, confirmed. */
  readonly cursors: readonly number[];
  mark(): Instant;
  forget(mark: Instant): void;
}

/**
 * An instant, and whether every document that was deleted before it must be gone from the second index: a comparison of ids
 * that began after it has ended, or none is needed.
 */
export class Mark implements Instant {
  readonly #writes: string[] = [];
  #base: MigrationRecord['idComparisons'] | undefined;
  passed = false;

  /** With each record that was loaded after the instant. */
  see({ writeId, idComparisons }: Pick<MigrationRecord, 'writeId' | 'idComparisons'>): void {
    if (this.#base) {
      const { done, looks, needed } = idComparisons;
      // what was under way at the base may have begun before the instant; the one after that did not
      this.passed ||= done >= this.#base.done + 2 || (!needed && looks >= this.#base.looks + 2);
      return;
    }
    if (this.#writes.at(-1) === writeId) return;
    this.#writes.push(writeId);
    // the first may have been written before the instant, and the second be on its way then; the third was made after it
    if (this.#writes.length === 3) this.#base = idComparisons;
  }
}
