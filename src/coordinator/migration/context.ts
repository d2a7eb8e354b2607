// The interface that the duties of one coordinator share: the record and how to change it, both indexes, and where to report.
// Session implements it and creates the duties, which know only this interface, so there are no import cycles.
import type { Cluster } from '../../cluster/cluster.js';
import type { IndexRef } from '../../cluster/indexRef.js';
import type { RejectedDocuments } from '../../journal/rejectedDocuments.js';
import type { WorkersWatch } from '../../journal/workersWatch.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import type { MigrationRecord } from '../../protocol/record.js';
import type { Replication, Refused, Tally } from '../../protocol/replication.js';
import type { RecordedQuery } from '../../queries/recordedQuery.js';
import type { FeedOptions } from '../follow/feedWriter.js';
import type { DocumentQueue } from '../reingest/documentQueue.js';
import type { Throttle } from '../throttle/copyThrottle.js';
import type { Declared } from './duties/targetIndex.js';
import type { ProgressMeter } from './progressMeter.js';
import type { Effects } from './succession/effects.js';

/** The state of the gateways and client libraries of this migration, as far as decisions need it. */
export interface WritersView {
  /** Why nothing can be moved to the follower yet. */
  readonly blocker: string | undefined;
  /** Some gateway may still send readers to the previous index. */
  readonly readElsewhere: boolean;
  /** Every live writer mirrors, so deletes come with the writes. */
  readonly mirrored: boolean;
  /** Some documents may have bypassed the writers, so deletes may have, too. */
  readonly bypassed: boolean;
  /** How many documents have certainly bypassed the writers. */
  readonly past: number;
  /** Writers that recently sent documents in the source's shape. */
  readonly oldShaped: readonly string[];
}

export interface Context {
  readonly cluster: Cluster;
  readonly record: MigrationRecord;
  /** The index that clients use before the migration. */
  readonly source: IndexRef;
  /** The index that replaces it. */
  readonly target: IndexRef;
  /** The index that takes every write first. */
  readonly leader: IndexRef;
  /** The index that is kept in sync with the leader. */
  readonly follower: IndexRef;
  /** @throws TwindexError when the index file can't be read, or is for another index */
  readonly declared: Declared;
  /** The ingest pipeline that transforms documents on the way from source to target. */
  readonly pipeline: string | undefined;
  readonly effects: Effects;
  readonly signal: AbortSignal;
  readonly meter: ProgressMeter;
  readonly throttle: Throttle;
  readonly workers: WorkersWatch;
  readonly generations: { readonly view: WritersView };
  /** Counts of the operations that were written to the follower since this coordinator began. */
  readonly tally: Tally;
  readonly feedOptions: FeedOptions;
  /** After this instant no request of an earlier coordinator, and no unanswered request of this one, can arrive. */
  readonly graceOverAt: number;
  /** When the oldest window in flight began; undefined when there is none. */
  readonly oldestWindowAt: number | undefined;
  /** Somebody has removed an alias through which gateways and client libraries write. */
  isGenerationGone: boolean;
  /** The mappings that the target should have, and when the source was last searched for new fields. */
  fieldsSeen: { readonly at: number; readonly mappings: JsonObject } | undefined;
  /** Loaded once, since each window in flight has to know the documents that the others have kept. */
  readonly rejected: () => Promise<RejectedDocuments>;
  readonly queries: () => Promise<readonly RecordedQuery[]>;

  /** From the present leader to the present follower. */
  replication(): Promise<Replication>;
  /**
   * Reports a text. Repetitions are counted instead of being shown each time. @param key identifies a text whose figures vary
   */
  note(text: string, level?: 'info' | 'warn', key?: string): void;
  /** @throws when the run is stopped during the pause */
  pause(ms: number): Promise<void>;
  /** @returns why the migration is halted; undefined when it is not */
  haltIfMoved(): Promise<string | undefined>;
  /** Everything that was written before this time has been followed. */
  caughtUpSince(at: number): boolean;
  /** @throws TwindexError `failed` when there are too many, since then the schema or the transform is probably wrong */
  keepRefused(refused: readonly Refused[]): Promise<void>;
  /** The source of truth. It is opened once: under a new token it continues where it was. */
  openSource(): DocumentQueue;
}
