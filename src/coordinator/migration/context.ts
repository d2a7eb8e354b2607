// The interface that a coordinator's duties share: the record, both indexes, and where to report. Session
// implements it. The duties import only this interface, so there are no import cycles.
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

/** State of the gateways and client libraries of this migration, as far as decisions need it. */
export interface WritersView {
  /** Why readers and writers can't be moved to the follower yet. */
  readonly blocker: string | undefined;
  /** A gateway may still send readers to the previous index. This can happen only between clusters. */
  readonly readElsewhere: boolean;
  /** Every live writer mirrors, so the writers copy deletes, too. */
  readonly mirrored: boolean;
  /** Some writes, and so perhaps some deletes, may have bypassed the writers. */
  readonly bypassed: boolean;
  /** At least this many documents have bypassed the writers. */
  readonly past: number;
  /** Writers that recently sent documents in the source's shape. */
  readonly oldShaped: readonly string[];
}

export interface Context {
  readonly cluster: Cluster;
  readonly record: MigrationRecord;
  /** The old index. */
  readonly source: IndexRef;
  /** The new index. */
  readonly target: IndexRef;
  /** The index that takes every write first. */
  readonly leader: IndexRef;
  /** The index that is kept in sync with the leader. */
  readonly follower: IndexRef;
  /** The declared target. @throws TwindexError when the index file can't be read, or is for another index */
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
  /** From this time on, no request of an earlier coordinator, and no unanswered own request, can arrive. */
  readonly graceOverAt: number;
  /** When the oldest window in flight began; undefined when there is none. */
  readonly oldestWindowAt: number | undefined;
  /** Somebody has removed an alias through which the writers write. */
  isGenerationGone: boolean;
  /** The mappings that the target should have, and when the source was last searched for new fields. */
  fieldsSeen: { readonly at: number; readonly mappings: JsonObject } | undefined;
  /** All windows in flight share this list, since each has to know which documents were rejected before. */
  readonly rejected: () => Promise<RejectedDocuments>;
  readonly queries: () => Promise<readonly RecordedQuery[]>;

  /** Replication from the present leader to the present follower. */
  replication(): Promise<Replication>;
  /** Reports a text. Repetitions (with the same `key`; their figures may vary) are counted, not shown. */
  note(text: string, level?: 'info' | 'warn', key?: string): void;
  /** @throws when the run is stopped during the pause */
  pause(ms: number): Promise<void>;
  /** @returns why the migration is halted; undefined when it is not */
  haltIfMoved(): Promise<string | undefined>;
  /** Whether everything that was written before this time has been followed. */
  caughtUpSince(at: number): boolean;
  /** @throws TwindexError `failed` when too many are refused: the schema or transform is probably wrong */
  keepRefused(refused: readonly Refused[]): Promise<void>;
  /** Opens the source of truth, once. Under a new token, reading continues at the same position. */
  openSource(): DocumentQueue;
}
