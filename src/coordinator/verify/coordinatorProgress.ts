// The coordinator's progress as the journal shows it, for a process that only observes. The record is some seconds old, so it
// never shows more than was done.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../cluster/cluster.js';
import { TwindexError } from '../../errors.js';
import { loadRecord } from '../../journal/journal.js';
import { type MigrationRecord, followerIndex, type StateName } from '../../protocol/record.js';

/** States in which the follower is kept in sync. */
const IN_STEP: readonly StateName[] = ['mirroring', 'movingReaders', 'holding'];

/** How much longer than the grace the settling after a switch may take on a busy machine. */
const GRACE_MORE_MS = 30_000;
const LOOK_MS = 500;

/**
 * The record of a migration whose indexes are kept in sync. Right after a switch of the writers this waits until the grace is
 * over.
 * @param tell called with the reason for waiting
 * @throws TwindexError `not_found`; `unsafe` when no two indexes are kept in sync
 */
export async function recordOnceInStep(
  cluster: Cluster,
  name: string,
  { tell, signal }: { readonly tell: (text: string) => void; readonly signal: AbortSignal },
): Promise<MigrationRecord> {
  let record = await knownRecord(cluster, name);
  const end = performance.now() + record.options.graceMs + GRACE_MORE_MS;
  const isAwaited = (): boolean =>
    record.state === 'settling' && record.holder !== null && performance.now() < end;
  if (isAwaited()) tell(`waiting, as the writers of ${name} were just switched: ${record.message}`);
  while (isAwaited()) {
    await sleep(LOOK_MS, undefined, { signal });
    record = await knownRecord(cluster, name);
  }
  return demandInStep(record);
}

async function knownRecord(cluster: Cluster, name: string): Promise<MigrationRecord> {
  const record = (await loadRecord(cluster, name))?.source;
  if (record) return record;
  throw new TwindexError('not_found', `no migration of ${name} is under way. See: twindex status ${name}`);
}

function demandInStep(record: MigrationRecord): MigrationRecord {
  if (IN_STEP.includes(record.state)) return record;
  const { name, state } = record;
  throw new TwindexError(
    'unsafe',
    `the two indexes of ${name} are not kept in step now (${state}), so there is nothing to compare. ${nextOf(record)}`,
  );
}

function nextOf(record: MigrationRecord): string {
  const { name, state, holder } = record;
  const going = holder === null ? ` Nobody coordinates it: twindex migrate ${name} goes on with it.` : '';
  switch (state) {
    case 'creating':
    case 'copying':
    case 'restoring':
      return `Documents are still copied: run it again when twindex status ${name} says verifying or ready.${going}`;
    case 'settling':
      return `${followerIndex(record)} follows again when the grace of the switch is over: run it again then.${going}`;
    default:
      return `See: twindex status ${name}`;
  }
}

export class CoordinatorProgress implements Progress {
  readonly #cluster: Cluster;
  #record: MigrationRecord;
  readonly #marks = new Set<Checkpoint>();

  constructor(cluster: Cluster, record: MigrationRecord) {
    this.#cluster = cluster;
    this.#record = record;
  }

  /** Everything of the leader up to these was on the follower, confirmed, when the record was last read. */
  get cursors(): readonly number[] {
    return this.#record.cursors;
  }

  /** Reads the record again. @throws TwindexError when the roles were exchanged since the beginning */
  async look(): Promise<void> {
    const record = await knownRecord(this.#cluster, this.#record.name);
    if (record.id !== this.#record.id || record.epoch !== this.#record.epoch)
      throw new TwindexError(
        'failed',
        `the writers of ${record.name} were switched while its indexes were compared. Run the command again.`,
      );
    this.#record = demandInStep(record);
    for (const mark of this.#marks) mark.see(record);
  }

  /** A checkpoint of this instant. */
  mark(): Checkpoint {
    const mark = new Checkpoint();
    this.#marks.add(mark);
    return mark;
  }

  forget(mark: Instant): void {
    if (mark instanceof Checkpoint) this.#marks.delete(mark);
  }

  /** No coordinator is running, or the migration is paused: the follower stays behind. */
  get idle(): boolean {
    return this.#record.holder === null || this.#record.paused;
  }
}

export interface Instant {
  /** Whether every document that was deleted before this instant must be gone from the follower. */
  readonly passed: boolean;
}

/** The coordinator's progress: how far it has followed, and whether it has looked for deletes. */
export interface Progress {
  /** Everything of the leader up to these was on the follower, confirmed. */
  readonly cursors: readonly number[];
  mark(): Instant;
  forget(mark: Instant): void;
}

/**
 * An instant. It has passed when every document that was deleted before it must be gone from the follower: a comparison of ids
 * that began after it has ended, or none is needed.
 */
export class Checkpoint implements Instant {
  readonly #writes: string[] = [];
  #base: MigrationRecord['idComparisons'] | undefined;
  passed = false;

  /** Called with each record that was loaded after the instant. */
  see({ writeId, idComparisons }: Pick<MigrationRecord, 'writeId' | 'idComparisons'>): void {
    if (this.#base) {
      const { done, looks, needed } = idComparisons;
      // The comparison or poll that was running at the base may have begun before the instant. The next one did not.
      this.passed ||= done >= this.#base.done + 2 || (!needed && looks >= this.#base.looks + 2);
      return;
    }
    if (this.#writes.at(-1) === writeId) return;
    this.#writes.push(writeId);
    // The first record may have been written before the instant, and the second may have been in flight then. The third was
    // certainly made after it.
    if (this.#writes.length === 3) this.#base = idComparisons;
  }
}
