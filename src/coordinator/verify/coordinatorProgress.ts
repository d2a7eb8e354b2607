// Reads the coordinator's progress from the journal, for `twindex verify`. The record is some seconds old, so it
// never shows more progress than was made.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../cluster/cluster.js';
import { TwindexError } from '../../errors.js';
import { loadRecord } from '../../journal/journal.js';
import { type MigrationRecord, followerIndex, type StateName } from '../../protocol/record.js';

const IN_SYNC: readonly StateName[] = ['mirroring', 'movingReaders', 'holding'];

/** On a busy machine, `settling` may take this much longer than the grace. */
const GRACE_MORE_MS = 30_000;
const LOOK_MS = 500;

/**
 * After a switch, waits until the indexes are kept in sync again.
 * @param tell called with the reason for waiting
 * @throws TwindexError `not_found`; `unsafe` when no two indexes are kept in sync
 */
export async function recordOnceInSync(
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
  return requireInSync(record);
}

async function knownRecord(cluster: Cluster, name: string): Promise<MigrationRecord> {
  const record = (await loadRecord(cluster, name))?.source;
  if (record) return record;
  throw new TwindexError('not_found', `no migration of ${name} is under way. See: twindex status ${name}`);
}

function requireInSync(record: MigrationRecord): MigrationRecord {
  if (IN_SYNC.includes(record.state)) return record;
  const { name, state } = record;
  throw new TwindexError(
    'unsafe',
    `the two indexes of ${name} are not kept in sync now (${state}), so there is nothing to compare. ${nextOf(record)}`,
  );
}

function nextOf(record: MigrationRecord): string {
  const { name, state, holder } = record;
  const going = holder === null ? ` No coordinator is running. To continue: twindex migrate ${name}` : '';
  switch (state) {
    case 'creating':
    case 'copying':
    case 'restoring':
      return `Documents are still being copied: run this again when twindex status ${name} says verifying or ready.${going}`;
    case 'settling':
      return `${followerIndex(record)} is kept in sync again when the grace of the switch is over: run this again then.${going}`;
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

  get cursors(): readonly number[] {
    return this.#record.cursors;
  }

  /** @throws TwindexError if the roles were exchanged since the check began */
  async poll(): Promise<void> {
    const record = await knownRecord(this.#cluster, this.#record.name);
    if (record.id !== this.#record.id || record.epoch !== this.#record.epoch)
      throw new TwindexError(
        'failed',
        `the writers of ${record.name} were switched while its indexes were compared. Run the command again.`,
      );
    this.#record = requireInSync(record);
    for (const mark of this.#marks) mark.see(record);
  }

  mark(): Checkpoint {
    const mark = new Checkpoint();
    this.#marks.add(mark);
    return mark;
  }

  forget(mark: Instant): void {
    if (mark instanceof Checkpoint) this.#marks.delete(mark);
  }

  /** Whether the follower stays behind, because no coordinator is running or the migration is paused. */
  get idle(): boolean {
    return this.#record.holder === null || this.#record.paused;
  }
}

export interface Instant {
  /** Whether the follower can no longer have a document that was deleted on the leader before this instant. */
  readonly passed: boolean;
}

/** How far the coordinator has followed, and whether it has looked for deletes. */
export interface Progress {
  /** Confirmed `_seq_no` of the leader's shards. Everything up to these is on the follower. */
  readonly cursors: readonly number[];
  mark(): Instant;
  forget(mark: Instant): void;
}

/**
 * `passed` becomes true in two cases: a comparison of ids that began after the instant has ended, or a later
 * reading of the delete counters has shown that no comparison is needed.
 */
export class Checkpoint implements Instant {
  readonly #writes: string[] = [];
  #base: MigrationRecord['idComparisons'] | undefined;
  passed = false;

  /** Called with each record that is loaded after the instant. */
  see({ writeId, idComparisons }: Pick<MigrationRecord, 'writeId' | 'idComparisons'>): void {
    if (this.#base) {
      const { done, looks, needed } = idComparisons;
      // When `#base` was read, a comparison (or reading of the counters) may have been running that began before
      // the instant. Only the next one certainly began after the instant.
      this.passed ||= done >= this.#base.done + 2 || (!needed && looks >= this.#base.looks + 2);
      return;
    }
    if (this.#writes.at(-1) === writeId) return;
    this.#writes.push(writeId);
    // The first record may have been written before the instant, and the second write may already have been
    // in flight. Only the third record was certainly written after the instant.
    if (this.#writes.length === 3) this.#base = idComparisons;
  }
}
