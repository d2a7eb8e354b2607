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

/** The state of a migration's gateways and client libraries, as far as decisions need it. */
export interface WritersView {
  /** Why readers and writers can't be moved to the follower yet. */
  readonly blocker: string | undefined;
  /** Between clusters: whether a gateway may still send searches to the index that the readers have left. */
  readonly readElsewhere: boolean;
  /** Whether every live writer mirrors. Then the writers copy deletes, too. */
  readonly mirrored: boolean;
  /** Whether writes, and so perhaps deletes, may have bypassed the writers. */
  readonly bypassed: boolean;
  /** At least this many documents have bypassed the writers. */
  readonly past: number;
  /** Writers that recently sent documents in the source's shape. */
  readonly oldShaped: readonly string[];
}

export interface Context {
  readonly cluster: Cluster;
  readonly record: MigrationRecord;
  readonly source: IndexRef;
  readonly target: IndexRef;
  readonly leader: IndexRef;
  readonly follower: IndexRef;
  /** @throws TwindexError if the index file can't be read, or does not fit the migration */
  readonly declared: Declared;
  /** The ingest pipeline, if the transform consists of this pipeline alone. */
  readonly pipeline: string | undefined;
  readonly effects: Effects;
  readonly signal: AbortSignal;
  readonly meter: ProgressMeter;
  readonly throttle: Throttle;
  readonly workers: WorkersWatch;
  readonly generations: { readonly view: WritersView };
  readonly tally: Tally;
  readonly feedOptions: FeedOptions;
  /** After this time, no unanswered request of this coordinator or of an earlier one can still arrive. */
  readonly graceOverAt: number;
  readonly oldestWindowAt: number | undefined;
  /** Whether somebody has removed an alias through which the writers write. */
  isGenerationGone: boolean;
  /** The mappings that the target should have, and the time of the last search for new fields of the source. */
  fieldsSeen: { readonly at: number; readonly mappings: JsonObject } | undefined;
  /** The rejected documents. All windows in flight share this list, since each needs the earlier entries. */
  readonly rejected: () => Promise<RejectedDocuments>;
  readonly queries: () => Promise<readonly RecordedQuery[]>;

  replication(): Promise<Replication>;
  /** Reports a message at once. Later messages with the same `key` are reported at growing intervals. */
  note(text: string, level?: 'info' | 'warn', key?: string): void;
  /** @throws Error if the coordinator is stopped while it waits */
  pause(ms: number): Promise<void>;
  haltIfMoved(): Promise<string | undefined>;
  /** Whether following has copied everything that was written before this time. */
  caughtUpSince(at: number): boolean;
  /**
   * Adds documents that the follower refused to the rejected documents. @throws TwindexError
   * `too_many_rejected`: the schema or the transform is probably wrong
   */
  keepRefused(refused: readonly Refused[]): Promise<void>;
  /** Opens the source of truth at the first call. The next coordinator continues at the saved position. */
  openSource(): DocumentQueue;
}
