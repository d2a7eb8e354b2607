// What the duties of one coordinator share: the record and how it is changed, both indexes, and where to report. Session
// implements it and builds the duties. The duties know only this interface, so that no circle of imports is left.
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

/** What gateways and client libraries do for this migration, as far as decisions need to know it. */
export interface WritersView {
  /** Why nothing can be moved to the follower yet. */
  readonly blocker: string | undefined;
  /** Some gateway may still send readers to the index that they were on before. */
  readonly readElsewhere: boolean;
  /** Every live one mirrors: deletes come with the writes. */
  readonly mirrored: boolean;
  /** Documents may have come past them, so that deletes may, too. */
  readonly bypassed: boolean;
  /** How many have for certain. */
  readonly past: number;
  /** Writers that were seen lately sending documents of the source's shape. */
  readonly oldShaped: readonly string[];
}

export interface Context {
  readonly cluster: Cluster;
  readonly record: MigrationRecord;
  /** The index that clients use before the migration. */
  readonly source: IndexRef;
  /** The index that replaces it. */
  readonly target: IndexRef;
  /** The index that writes go to first. */
  readonly leader: IndexRef;
  /** The index that follows it. */
  readonly follower: IndexRef;
  /** @throws TwindexError where the index file can't be read, or is of something else */
  readonly declared: Declared;
  /** The ingest pipeline that all documents pass through on their way up. */
  readonly pipeline: string | undefined;
  readonly effects: Effects;
  readonly signal: AbortSignal;
  readonly meter: ProgressMeter;
  readonly throttle: Throttle;
  readonly workers: WorkersWatch;
  readonly generations: { readonly view: WritersView };
  /** What was fed to the index that follows, counted since this coordinator began. */
  readonly tally: Tally;
  readonly feedOptions: FeedOptions;
  /** Nothing of a coordinator before this one, or of a request that was not answered, can arrive after this instant. */
  readonly graceOverAt: number;
  /** When the oldest window that is still copied was begun; undefined: there is none. */
  readonly oldestWindowAt: number | undefined;
  /** Somebody has removed an alias that gateways and client libraries write through. */
  isGenerationGone: boolean;
  /** The mappings that the target is to have, when fields of the source were last looked for. */
  fieldsSeen: { readonly at: number; readonly mappings: JsonObject } | undefined;
  /** Loaded once: each window in flight has to know what the others have kept. */
  readonly rejected: () => Promise<RejectedDocuments>;
  readonly queries: () => Promise<readonly RecordedQuery[]>;

  /** From the leader to the follower, as the roles are now. */
  replication(): Promise<Replication>;
  /** Reports a text. The same one is not repeated again and again, but counted. @param key says what is the same, where figures differ */
  note(text: string, level?: 'info' | 'warn', key?: string): void;
  /** @throws when the run is stopped meanwhile */
  pause(ms: number): Promise<void>;
  /** @returns why the migration is halted; undefined when it is not */
  haltIfMoved(): Promise<string | undefined>;
  /** Everything that was written until then has been followed. */
  caughtUpSince(at: number): boolean;
  /** @throws TwindexError `failed` when there are too many: then something is wrong with the schema or the transform */
  keepRefused(refused: readonly Refused[]): Promise<void>;
  /** The source of truth, opened once: it goes on under the next token where it was under this one. */
  openSource(): DocumentQueue;
}
