// Defines and reads the record of a migration in the journal, which contains all that a crash must not lose.
import { z } from 'zod';
import { TwindexError } from '../errors.js';

const indexVersion = z.object({ index: z.string(), version: z.number().int() });

export const STATES = [
  'creating',
  'copying',
  'restoring',
  'mirroring',
  'movingReaders',
  'holding',
  'settling',
  'finalizing',
  'finalized',
  'aborting',
  'aborted',
] as const;
export type StateName = (typeof STATES)[number];

export const GOALS = ['ready', 'cutover', 'switched', 'finalized', 'aborted'] as const;
export type Goal = (typeof GOALS)[number];

const COMMAND_NAMES = [
  'pause',
  'resume',
  'cutover',
  'switch',
  'rollback',
  'finalize',
  'abort',
  'verify',
  'writers',
  'throttle',
  'reads',
  'replay',
  'leaveOut',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

const takenCommand = z.object({
  /** The command's number in the queue. */
  number: z.number().int(),
  id: z.string(),
  command: z.enum(COMMAND_NAMES),
  /** `user@host` */
  by: z.string(),
  timeoutMs: z.number(),
});
/** A command for a move or a verification that the coordinator has accepted but not finished. */
export type TakenCommand = z.infer<typeof takenCommand>;

const OUTCOMES = ['done', 'refused', 'superseded', 'timedOut'] as const;

const endedCommand = takenCommand.omit({ timeoutMs: true }).extend({
  outcome: z.enum(OUTCOMES),
  why: z.string(),
  /** Whether a hook has failed. The command then counts as failed, not as refused. */
  hasFailed: z.boolean(),
});
export type EndedCommand = z.infer<typeof endedCommand>;

const commands = z.object({
  /** The number of the last command that was taken from the queue. */
  taken: z.number().int(),
  pending: z.array(takenCommand),
  ended: z.array(endedCommand),
});
export type Commands = z.infer<typeof commands>;
export const NO_COMMANDS: Commands = { taken: 0, pending: [], ended: [] };

export const ROUTES = ['server', 'client', 'pipeline', 'reingest'] as const;
/**
 * How documents get to v2. `server`: by the engine's `_reindex`. `client`: read and written by twindex.
 * `pipeline`: through an ingest pipeline, inside the engine if possible. `reingest`: from the source of
 * truth.
 */
export type Route = (typeof ROUTES)[number];

const throttleCommand = z.object({
  /** Whether the back-fill becomes slower when other clients' requests become slow. */
  auto: z.boolean(),
  maxDocsPerSecond: z.number().nullable(),
  /** With `auto`: other requests may take up to this many times as long as without a copy. */
  maxSlowdown: z.number().default(1.3),
  /** Whether the back-fill is paused. Mirroring and following continue. */
  paused: z.boolean(),
});
export type ThrottleCommand = z.infer<typeof throttleCommand>;
export const FREE: ThrottleCommand = { auto: true, maxDocsPerSecond: null, maxSlowdown: 1.3, paused: false };

const LIMIT_CAUSES = [
  'none',
  'paused',
  'maxDocs',
  'measuring',
  'trying',
  'slowdown',
  'turnedAway',
  'heap',
  'indexingMemory',
  'writeQueue',
  'searchQueue',
  'unknown',
] as const;
/**
 * Why the copy is throttled. `maxDocs`: a user has set a limit. `measuring`: twindex measures how long
 * requests of other clients take without a copy. `trying`: the first rate after `measuring`. `slowdown`:
 * requests of other clients take longer. `turnedAway` to `searchQueue`: the cluster is overloaded. `unknown`:
 * the load can't be read.
 */
export type LimitCause = (typeof LIMIT_CAUSES)[number];

const copyLimit = z.object({
  /** Documents per second; null means as fast as possible. */
  docsPerSecond: z.number().nullable(),
  cause: z.enum(LIMIT_CAUSES),
});
/** The present limit of the copy, and its cause. `throttled` in the record says the same in words. */
export type CopyLimit = z.infer<typeof copyLimit>;
export const UNLIMITED: CopyLimit = { docsPerSecond: null, cause: 'none' };

const readsCommand = z.object({
  /**
   * Shares (0 to 1) of the searches through the read alias. `record`: recorded for a replay. `shadow`: also
   * sent to the target. `canary`: answered by the target.
   */
  record: z.number(),
  shadow: z.number(),
  canary: z.number(),
  /** `header:NAME` or `cookie:NAME`. The same index answers all requests with the same value of it. */
  sticky: z.string().nullable(),
});
export type ReadsCommand = z.infer<typeof readsCommand>;
export const LEFT_ALONE: ReadsCommand = { record: 0, shadow: 0, canary: 0, sticky: null };

const side = z.enum(['source', 'target']);
export type Side = z.infer<typeof side>;

const aliasProperties = z.record(z.string(), z.unknown());

const reingestNote = z.object({
  /** Where the documents come from: the file of `--from`, or `reingest` of the index file. */
  from: z.enum(['file', 'definition']),
  /** The path of the file, or `-` for stdin. */
  file: z.string().default(''),
  /** Whether documents that only the old index has are left out instead of copied. */
  prune: z.boolean(),
  /** `reading` reads the source of truth. `comparing` looks for documents that only the old index has. */
  step: z.enum(['reading', 'comparing', 'done']),
  /** The position from which reading continues, as JSON. */
  cursor: z.string().nullable(),
  /** The epoch in which the migration began. All stamps in the target are of this epoch or a later one. */
  epoch: z.number().int(),
  /** For each shard of the source: the `_seq_no` up to which the step `comparing` has read the operations. */
  walked: z.array(z.number().int()),
  /** For each shard of the target: its last `_seq_no` before the writers first moved to the target. */
  switchedAt: z.array(z.number().int()).nullable(),
  read: z.number().int(),
  /** How many of the documents that were read from the source of truth are missing in the old index. */
  onlyTruth: z.number().int(),
  onlySource: z.number().int(),
  onlySourceFirst: z.array(z.string()),
  /** Documents that the last verification did not compare with the old index. */
  notCompared: z.number().int(),
});
/** The state of a migration on the route `reingest`. */
export type ReingestNote = z.infer<typeof reingestNote>;

const percentiles = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });

const queryEvidence = z.object({
  at: z.string(),
  requests: z.number().int(),
  /** Requests that fail on the new index but not on the old one. */
  errors: z.number().int(),
  overlapAt10: z.number(),
  rankBiasedOverlap: z.number(),
  totalsDiffer: z.number().int(),
  aggregationsDiffer: z.number().int(),
  /** Requests whose answers do not show whether both indexes find the same documents. */
  undecided: z.number().int().default(0),
  msBefore: percentiles,
  msAfter: percentiles,
  /** For each threshold: the searches with the worst results, one line each. */
  worst: z.record(z.string(), z.array(z.string())).default({}),
});
export type QueryEvidence = z.infer<typeof queryEvidence>;

const secondCheck = z.object({
  at: z.string(),
  sampled: z.number().int(),
  /** The result of comparing the document counts. */
  counts: z.string(),
  /** The findings, one line each. */
  wrong: z.array(z.string()),
  advice: z.string().default(''),
});

const progress = z.object({
  /** The work that is counted: `copy`, `verify` or `searches`. Empty while nothing is counted. */
  task: z.string(),
  /** The number of finished documents, as it is shown to users. It never falls within a task. */
  done: z.number().int(),
  /** How many of the finished documents another coordinator would not have to copy again. */
  confirmed: z.number().int(),
  /** How many documents there are in all. Null if it is not known. */
  total: z.number().int().nullable(),
  /** Documents per second over the last seconds. */
  rate: z.number(),
  etaMs: z.number().nullable(),
});
/** The progress of the present task, saved with each heartbeat. No decision depends on it. */
export type SavedProgress = z.infer<typeof progress>;
export const NO_PROGRESS: SavedProgress = {
  task: '',
  done: 0,
  confirmed: 0,
  total: null,
  rate: 0,
  etaMs: null,
};

const lag = z.object({
  operations: z.number().int(),
  lagMs: z.number(),
  deletesPending: z.boolean(),
});

const idComparisons = z.object({
  done: z.number().int(),
  /** How often the delete counters were read to find out whether a comparison is needed. */
  looks: z.number().int(),
  /** Whether the counters, when last read, showed deletes since the last comparison began. */
  needed: z.boolean(),
});

const holdsGivenUp = z.object({
  /** Holds in a row that ended without the switch. A hold that has not ended yet is counted already. */
  inARow: z.number().int(),
  /** How many of the last holds in a row failed for a reason that does not pass by itself. */
  lastingInARow: z.number().int(),
  reason: z.string(),
});
export type HoldsGivenUp = z.infer<typeof holdsGivenUp>;
export const NO_HOLDS: HoldsGivenUp = { inARow: 0, lastingInARow: 0, reason: '' };

const historyEntry = z.object({
  at: z.string(),
  what: z.string(),
  by: z.string(),
  /** The version of twindex that wrote the entry. Old entries lack this field and the fields below. */
  twindex: z.string().default(''),
  why: z.string().default(''),
  /** For a gate that was passed: the findings of the verification. */
  evidence: z
    .object({
      compared: z.number(),
      differences: z.number(),
      repaired: z.number(),
      rejected: z.number(),
    })
    .nullable()
    .default(null),
});
export type HistoryEntry = z.infer<typeof historyEntry>;

const copyPace = z.object({
  /** How many documents one coordinator has copied. */
  documents: z.number().int(),
  /** The share of these documents in the source's bytes on disk. */
  bytes: z.number().int(),
  /** How long the copy of these documents took, without pauses. */
  ms: z.number().int(),
  /** How long the first complete verification took. Null until then. */
  verifyMs: z.number().int().nullable(),
});
/** How fast a back-fill was, for the estimates of later plans. */
export type CopyPace = z.infer<typeof copyPace>;

const leftOut = z.object({ id: z.string(), routing: z.string().nullable() });
export type LeftOut = z.infer<typeof leftOut>;

const recordSchema = z.object({
  kind: z.literal('migration'),
  format: z.literal(1),
  name: z.string(),
  /** The target has this id in `_meta.twindex.migration`, which shows that this migration created it. */
  id: z.string(),
  state: z.enum(STATES),
  goal: z.enum(GOALS),
  paused: z.boolean(),
  /**
   * Why nothing is copied, moved or deleted until a person has decided. `aliases`: somebody has moved an
   * alias by hand, and `resume` puts it back. `journal`: the journal was lost or is older than the indexes,
   * and only one of the two indexes can be kept.
   */
  halted: z
    .object({ for: z.enum(['aliases', 'journal']), text: z.string() })
    .nullable()
    .default(null),
  /** Whether the follower was given up. Then it is no longer used, and the migration can only be ended. */
  detached: z.boolean().default(false),
  source: indexVersion,
  target: indexVersion,
  layout: z.enum(['two-aliases', 'one-alias', 'bare-index']),
  /** The uuid of the source's cluster. Null if that is the journal's cluster. */
  sourceCluster: z.string().nullable().default(null),
  aliases: z.object({ read: z.string(), write: z.string() }),
  /** The users' aliases of the source, kept up to date, but with `is_write_index` as before the migration. */
  sourceAliases: z.record(z.string(), aliasProperties),
  /** `index.gc_deletes` of the source, to be restored at the end. */
  sourceGcDeletes: z.string().nullable(),
  /** `index.uuid`, which changes when an index is deleted and created again. */
  uuids: z
    .object({ source: z.string().nullable(), target: z.string().nullable() })
    .default({ source: null, target: null }),
  /** Hashes of parts of the index file, as it was when the migration was last started. */
  declared: z.object({ schema: z.string(), transform: z.string() }),
  hasTransform: z.boolean(),
  route: z.enum(ROUTES).default('client'),
  /** For each shard of the source: the `_seq_no` up to which documents are back-filled without stamps. */
  backfillUpTo: z.array(z.number().int()).nullable().default(null),
  reingest: reingestNote.nullable().default(null),
  throttle: throttleCommand.default(FREE),
  throttled: z.string().default(''),
  copyLimit: copyLimit.default(UNLIMITED),
  reads: readsCommand.default(LEFT_ALONE),
  leader: side,
  readers: side,
  /**
   * Whether readers were moved since the last switch. If so, and the indexes are in two clusters, some
   * gateways may still send readers to the other index.
   */
  readersMoved: z.boolean().default(false),
  epoch: z.number().int(),
  /** The epoch in which the migration was begun. In later epochs, the source also has stamps of copies. */
  firstEpoch: z.number().int().default(0),
  token: z.number().int(),
  /** For each shard of the leader: all operations up to this `_seq_no` are on the follower, and confirmed. */
  cursors: z.array(z.number().int()),
  /** For each shard of the leader: the `_seq_no` at the exchange of roles, when the indexes were equal. */
  roleStart: z.array(z.number().int()),
  /** The number of the leader's live documents when the back-fill began, to show its progress. */
  documents: z.number().int(),
  progress: progress.default(NO_PROGRESS),
  /** How far the follower was behind after the last round of following. Null before the first round. */
  lag: lag.nullable().default(null),
  /** Null until the back-fill has ended, and in records of older versions. */
  copyPace: copyPace.nullable().default(null),
  /** Whether documents may be in one index only. If so, equal counts prove nothing, and ids are compared. */
  drops: z.boolean(),
  /** Whether a document with a routing was found in either index. */
  routed: z.boolean().default(false),
  /** Whether each index was completely compared with the other one since the roles were exchanged. */
  verified: z.boolean(),
  /** For each shard of the target: following begins after this `_seq_no` when the target is the leader. */
  returnCursors: z.array(z.number().int()).nullable(),
  options: z.object({
    maxLagMs: z.number(),
    maxWritePauseMs: z.number(),
    graceMs: z.number(),
    leaseMs: z.number(),
    keepMs: z.number().nullable(),
    dropRejected: z.boolean(),
    maxRejected: z.number(),
    soakMs: z.number().default(0),
  }),
  /** What the writers should do (docs/protocol.md, "Generations"). */
  writers: z.object({
    /**
     * `none`: there are no writers, or they write to one index as if there were no migration. `prepare`: they
     * enter deletes in the ledger. `mirror`: they also write to both indexes.
     */
    mode: z.enum(['none', 'prepare', 'mirror']),
    /** The generation that new writes use. It only grows, over all migrations of a name. */
    generation: z.number().int(),
    /** Ledger entries up to this generation are resynced, and no longer needed. */
    pruned: z.number().int(),
    /** The version of documents in writes that name no version. */
    version: z.number().int(),
    /** How many moves of the readers have begun. It only grows, over all migrations of a name. */
    moves: z.number().int(),
  }),
  evidence: z.object({
    compared: z.number(),
    differences: z.number(),
    /** Documents that the last verification could not compare, as their transform is non-deterministic. */
    nonDeterministic: z.number().default(0),
    repaired: z.number(),
    deletesReconciled: z.number(),
    copied: z.number(),
    conflicts: z.number(),
    dropped: z.number(),
    /** Documents that following has copied while writers were mirroring, because the follower lacked them. */
    byFollowing: z.number(),
    /** The part of `byFollowing` that certainly bypassed the gateways. */
    pastWriters: z.number().default(0),
    writePauseMs: z.array(z.number()),
    holdsGivenUp: z.number(),
    firstDifferences: z.array(z.string()),
  }),
  /** The failed holds since the switch, or the rollback, was requested. */
  holds: holdsGivenUp.default(NO_HOLDS),
  /** How many rejected documents blocked the next move when they were last counted. */
  rejected: z.number().int().default(0),
  /** Rejected documents that the target may lack, as a user has decided. */
  leftOut: z.array(leftOut).default([]),
  /** Shows other processes if a delete on the leader must have reached the follower by now. */
  idComparisons: idComparisons.default({ done: 0, looks: 0, needed: true }),
  secondCheck: secondCheck.nullable().default(null),
  /** The results of the application's searches that the last verification ran on both indexes. */
  queries: queryEvidence.nullable().default(null),
  /** Aliases whose filter matches documents of the source but none of the target, one line each. */
  emptyAliases: z.array(z.string()).default([]),
  /** The thresholds, by name, that must hold before readers are moved to the new index. */
  acceptance: z.record(z.string(), z.number().optional()).default({}),
  /** The remaining soak time: how long readers and writers stay where they are after a move. */
  soakLeftMs: z.number().default(0),
  /** The names of thresholds that a user has overridden. */
  forced: z.array(z.string()).default([]),
  commands: commands.default(NO_COMMANDS),
  /** The coordinator. Null if no coordinator has the lease. */
  holder: z.object({ id: z.string(), host: z.string(), pid: z.number().int(), user: z.string() }).nullable(),
  /** The guardian's own token, if it took over in a hold. Null if it never did. */
  rescued: z.number().int().nullable().default(null),
  /** Whether every request of the last coordinator was answered, so that none can arrive late. */
  clean: z.boolean(),
  heartbeat: z.number().int(),
  /** Why the coordinator waited or failed last. `status` shows this. */
  message: z.string(),
  startedAt: z.string(),
  updatedAt: z.string(),
  history: z.array(historyEntry),
  /** The last phase that was announced and whose hooks have run. */
  announced: z.string().default(''),
  /** Why the last requested move was not made. The next command empties it. */
  stoppedBy: z.string().default(''),
  /**
   * `hook`: a hook before the move failed. `acceptance`: a threshold does not hold. `secondCheck`: the second
   * check has findings. `aliases`: the engine refuses to move an alias. `hold`: holds failed too often, or
   * for a reason that does not pass.
   */
  stoppedFor: z.enum(['hook', 'acceptance', 'secondCheck', 'aliases', 'hold']).default('hook'),
  keptUntil: z.string().nullable(),
  /** The id of the last write of this record, which shows whether an unanswered write took effect. */
  writeId: z.string(),
});
export type MigrationRecord = z.infer<typeof recordSchema>;

export const { evidence: evidenceSchema, reingest: reingestSchema } = recordSchema.shape;

/** The fields for an overview of many migrations: all but the history, which may have 1,000 entries. */
export const OVERVIEW_FIELDS: readonly string[] = Object.keys(recordSchema.shape).filter(
  (field) => field !== 'history',
);

/** The fields from which later migrations estimate their duration. */
export const pacedMigration = recordSchema.pick({
  name: true,
  source: true,
  route: true,
  hasTransform: true,
  throttle: true,
  copyPace: true,
  startedAt: true,
});
export type PacedMigration = z.infer<typeof pacedMigration>;

/** The only fields that are read of a past migration. Another version of twindex may have written it. */
export const pastMigration = recordSchema.pick({
  name: true,
  id: true,
  state: true,
  source: true,
  target: true,
  leader: true,
  readers: true,
  verified: true,
  startedAt: true,
  history: true,
});
export type PastMigration = z.infer<typeof pastMigration>;

/** @throws TwindexError `journal_unreadable` for a document that this version of twindex can't read */
export function readRecord(source: unknown): MigrationRecord {
  const parsed = recordSchema.safeParse(source);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0];
  throw new TwindexError(
    'journal_unreadable',
    `the journal contains a migration that this version of twindex can't read (${where?.path.join('.')}: ${where?.message})`,
    {
      hint: 'Use the version that began it. If the document was changed by hand: twindex status shows what is left of the migration.',
    },
  );
}

export function isOfNewerFormat(source: unknown): boolean {
  const { format } = Object(source) as { readonly format?: unknown };
  return typeof format === 'number' && format > 1;
}

export const other = (s: Side): Side => (s === 'source' ? 'target' : 'source');
export const indexOf = (record: MigrationRecord, s: Side): string => record[s].index;
export const leaderIndex = (record: MigrationRecord): string => record[record.leader].index;
export const followerIndex = (record: MigrationRecord): string => record[other(record.leader)].index;

/** For each shard of the leader: up to this `_seq_no`, operations may be on the follower without stamps. */
export const backfilledUpTo = ({ leader, backfillUpTo }: MigrationRecord): readonly number[] =>
  leader === 'source' ? (backfillUpTo ?? []) : [];

export const isOver = ({ state }: Pick<MigrationRecord, 'state'>): boolean =>
  state === 'finalized' || state === 'aborted';

/** Whether the source was given up. Its cluster may then no longer exist. */
export const isSourceGivenUp = ({ detached, leader }: MigrationRecord): boolean =>
  detached && leader === 'target';
