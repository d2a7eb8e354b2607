// The record of a migration in the journal: all state that must survive a crash, changed by compare-and-set only.
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
  /** The command's place in the queue (commands.ts). */
  number: z.number().int(),
  id: z.string(),
  command: z.enum(COMMAND_NAMES),
  /** `user@host` */
  by: z.string(),
  timeoutMs: z.number(),
});
/** A command for a move or a verification, which the coordinator has accepted and not finished yet. */
export type TakenCommand = z.infer<typeof takenCommand>;

const OUTCOMES = ['done', 'refused', 'superseded', 'timedOut'] as const;

const endedCommand = takenCommand.omit({ timeoutMs: true }).extend({
  outcome: z.enum(OUTCOMES),
  /** Why the command was not carried out; empty when it was. */
  why: z.string(),
  /** A hook has failed, so the command failed and was not refused. */
  hasFailed: z.boolean(),
});
export type EndedCommand = z.infer<typeof endedCommand>;

const commands = z.object({
  /** The number of the last command taken from the queue. */
  taken: z.number().int(),
  pending: z.array(takenCommand),
  /** The last commands that have ended, with their outcomes. */
  ended: z.array(endedCommand),
});
export type Commands = z.infer<typeof commands>;
export const NO_COMMANDS: Commands = { taken: 0, pending: [], ended: [] };

/**
 * How v1's documents get to v2. `server`: `_reindex` inside the engine; `client`: pages and bulks; `pipeline`: an ingest pipeline
 * changes them, inside the engine where it can; `reingest`: from the source of truth.
 */
export const ROUTES = ['server', 'client', 'pipeline', 'reingest'] as const;
export type Route = (typeof ROUTES)[number];

const throttleCommand = z.object({
  /** Slow down when the engine seems to suffer. */
  auto: z.boolean(),
  maxDocsPerSecond: z.number().nullable(),
  /** With `auto`: the requests of others may take this many times as long as they take while nothing is copied. */
  maxSlowdown: z.number().default(1.3),
  /** The back-fill pauses; mirroring and following go on. */
  paused: z.boolean(),
});
export type ThrottleCommand = z.infer<typeof throttleCommand>;
export const FREE: ThrottleCommand = { auto: true, maxDocsPerSecond: null, maxSlowdown: 1.3, paused: false };

const readsCommand = z.object({
  /**
   * Shares (0 to 1) of the searches through the read alias that are recorded for a replay, sent to the target as well, or
   * answered by it.
   */
  record: z.number(),
  shadow: z.number(),
  canary: z.number(),
  /** `header:NAME` or `cookie:NAME`. Requests with the same value are all answered by the same index. */
  sticky: z.string().nullable(),
});
export type ReadsCommand = z.infer<typeof readsCommand>;
export const LEFT_ALONE: ReadsCommand = { record: 0, shadow: 0, canary: 0, sticky: null };

const side = z.enum(['source', 'target']);
export type Side = z.infer<typeof side>;

const aliasProperties = z.record(z.string(), z.unknown());

const reingestNote = z.object({
  /** The origin of the documents: `--from`, or `reingest` of the index file. */
  from: z.enum(['file', 'definition']),
  /** The path of that file, `-` for stdin; empty where it is not known. */
  file: z.string().default(''),
  /** Documents that only the old index has are left out instead of copied. */
  prune: z.boolean(),
  /** `reading`: the source of truth is being read. `comparing`: documents that only the old index has are looked for. */
  step: z.enum(['reading', 'comparing', 'done']),
  /** As JSON: the place at which reading continues. */
  cursor: z.string().nullable(),
  /** The epoch in which the target was begun: all of its stamps are of this epoch or a later one. */
  epoch: z.number().int(),
  /** By shard of the source: the `_seq_no` up to which documents that only the old index has were looked for. */
  walked: z.array(z.number().int()),
  /** By shard of the target: its last operation before the writers were first switched to it. */
  switchedAt: z.array(z.number().int()).nullable(),
  read: z.number().int(),
  /** Of these, the documents that the old index did not have. */
  onlyTruth: z.number().int(),
  onlySource: z.number().int(),
  /** The first ids of documents that only the old index has. */
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
  /** Requests that fail on the new index, and not on the old one. */
  errors: z.number().int(),
  overlapAt10: z.number(),
  rankBiasedOverlap: z.number(),
  totalsDiffer: z.number().int(),
  aggregationsDiffer: z.number().int(),
  /** Requests whose answers do not show whether both indexes find the same documents. */
  undecided: z.number().int().default(0),
  msBefore: percentiles,
  msAfter: percentiles,
  /** By the name of a threshold: the searches that miss it by most, one line each. */
  worst: z.record(z.string(), z.array(z.string())).default({}),
});
/** The results of running the same searches on both indexes. */
export type QueryEvidence = z.infer<typeof queryEvidence>;

const secondCheck = z.object({
  at: z.string(),
  /** The number of documents of the leader that were compared. */
  sampled: z.number().int(),
  /** The result of comparing the numbers of documents. */
  counts: z.string(),
  /** The findings, one line each; empty when nothing is wrong. */
  wrong: z.array(z.string()),
  /** Advice for a person. */
  advice: z.string().default(''),
});

const idComparisons = z.object({
  /** The number of complete comparisons. */
  done: z.number().int(),
  /** How often the delete counters were read to see whether a comparison is needed. */
  looks: z.number().int(),
  /** The last reading of the counters has shown deletes since the last comparison began. */
  needed: z.boolean(),
});

const holdsGivenUp = z.object({
  /** Holds in a row that ended without the switch. A hold that is under way is counted already. */
  inARow: z.number().int(),
  /** How many of the last holds in a row each failed for a reason that does not pass by itself. */
  lastingInARow: z.number().int(),
  reason: z.string(),
});
/** Kept in the journal, so that a coordinator that is started again does not count from zero. */
export type HoldsGivenUp = z.infer<typeof holdsGivenUp>;
export const NO_HOLDS: HoldsGivenUp = { inARow: 0, lastingInARow: 0, reason: '' };

const historyEntry = z.object({
  at: z.string(),
  what: z.string(),
  /** `user@host` */
  by: z.string(),
  /** The version of twindex that made the entry; missing in old entries, as the fields below. */
  twindex: z.string().default(''),
  /** The reason for it, or what prevented it. */
  why: z.string().default(''),
  /** The evidence at the moment when a gate was passed. */
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

const leftOut = z.object({ id: z.string(), routing: z.string().nullable() });
export type LeftOut = z.infer<typeof leftOut>;

const recordSchema = z.object({
  kind: z.literal('migration'),
  format: z.literal(1),
  name: z.string(),
  /** Identifies the target index as made by this migration, in its `_meta.twindex.migration`. */
  id: z.string(),
  state: z.enum(STATES),
  goal: z.enum(GOALS),
  paused: z.boolean(),
  /**
   * Why nothing is copied, moved or deleted until a person has decided. `aliases`: somebody has moved an alias by hand, and
   * `resume` puts it back. `journal`: the journal was lost or is older than the indexes, and only one of the two indexes can be
   * kept.
   */
  halted: z
    .object({ for: z.enum(['aliases', 'journal']), text: z.string() })
    .nullable()
    .default(null),
  /** The follower was given up: it is not asked or written any more, and the migration can only be ended. */
  detached: z.boolean().default(false),
  source: indexVersion,
  target: indexVersion,
  layout: z.enum(['two-aliases', 'one-alias', 'bare-index']),
  /** The uuid of the source's cluster, where that is not the journal's cluster. */
  sourceCluster: z.string().nullable().default(null),
  aliases: z.object({ read: z.string(), write: z.string() }),
  /** The aliases of the source before the migration, with their properties. */
  sourceAliases: z.record(z.string(), aliasProperties),
  /** `index.gc_deletes` of the source, to be restored at the end. */
  sourceGcDeletes: z.string().nullable(),
  /** `index.uuid` of both indexes. It changes when an index is deleted and created again under the same name. Null: not known. */
  uuids: z
    .object({ source: z.string().nullable(), target: z.string().nullable() })
    .default({ source: null, target: null }),
  /** Hashes of the index file's declarations when it was last run. */
  declared: z.object({ schema: z.string(), transform: z.string() }),
  hasTransform: z.boolean(),
  route: z.enum(ROUTES).default('client'),
  /** By shard of the source: the checkpoint at which a back-fill without stamps began; null: there was none. */
  backfillUpTo: z.array(z.number().int()).nullable().default(null),
  reingest: reingestNote.nullable().default(null),
  /** The user's settings for the throttle. */
  throttle: throttleCommand.default(FREE),
  /** Why the back-fill is throttled; empty when it is not. */
  throttled: z.string().default(''),
  /** How gateways treat searches. */
  reads: readsCommand.default(LEFT_ALONE),
  /** The index that writes go to first. The other index is kept in sync with it. */
  leader: side,
  readers: side,
  /**
   * Between clusters: the readers have been moved while the present leader was the leader, so a gateway may still send some of
   * them to the other index.
   */
  readersMoved: z.boolean().default(false),
  epoch: z.number().int(),
  /**
   * The epoch in which the migration was begun. In any later epoch the source has been the follower, and so has documents with
   * stamps.
   */
  firstEpoch: z.number().int().default(0),
  token: z.number().int(),
  /** By shard of the leader: every operation up to this `_seq_no` is on the follower, confirmed. */
  cursors: z.array(z.number().int()),
  /** The cursors when the present roles began. Operations up to them are equal in both indexes, without stamps. */
  roleStart: z.array(z.number().int()),
  /** Live documents of the leader when the back-fill began. Progress is measured against it. */
  documents: z.number().int(),
  /** A transform has dropped a document. So counts prove nothing, and ids are compared instead. */
  drops: z.boolean(),
  /** A document with a routing was found in either index. */
  routed: z.boolean().default(false),
  /** Every document was verified, in both directions, since the present roles began. */
  verified: z.boolean(),
  /** By shard of the target: where following in the other direction begins. Set once the writers are switched. */
  returnCursors: z.array(z.number().int()).nullable(),
  options: z.object({
    maxLagMs: z.number(),
    maxWritePauseMs: z.number(),
    graceMs: z.number(),
    leaseMs: z.number(),
    keepMs: z.number().nullable(),
    dropRejected: z.boolean(),
    maxRejected: z.number(),
    /** The pause after each move of readers or writers, before the next one. */
    soakMs: z.number().default(0),
  }),
  /** Instructions to the writers (docs/protocol.md, "Generations"). */
  writers: z.object({
    /**
     * `none`: there are no writers, or they write as if there were no migration. `prepare`: they enter deletes in the ledger.
     * `mirror`: they also write to both indexes.
     */
    mode: z.enum(['none', 'prepare', 'mirror']),
    /** The generation of new writes. It only grows, over all migrations of a name. */
    generation: z.number().int(),
    /** Ledger entries up to this generation are resynced, and no longer needed. */
    pruned: z.number().int(),
    /** The shape of writes that name no version. */
    version: z.number().int(),
    /** How often a move of the readers has begun. It only grows, over all migrations of a name. */
    moves: z.number().int(),
  }),
  /** The findings of verifications, comparisons of ids and holds. */
  evidence: z.object({
    compared: z.number(),
    differences: z.number(),
    /** In the last verification: documents that could not be compared, because the transform gives another result each time. */
    nonDeterministic: z.number().default(0),
    repaired: z.number(),
    deletesReconciled: z.number(),
    copied: z.number(),
    conflicts: z.number(),
    dropped: z.number(),
    /** Documents that following copied and the follower lacked, while writers were mirroring. */
    byFollowing: z.number(),
    /** Documents among these that certainly bypassed the gateways. */
    pastWriters: z.number().default(0),
    writePauseMs: z.array(z.number()),
    holdsGivenUp: z.number(),
    /** One line each. */
    firstDifferences: z.array(z.string()),
  }),
  /** Counted since the switch, or the rollback, was asked for. */
  holds: holdsGivenUp.default(NO_HOLDS),
  /** Rejected documents that block the next move, as they were counted last. */
  rejected: z.number().int().default(0),
  /** Rejected documents that the target may lack, as a user has decided. */
  leftOut: z.array(leftOut).default([]),
  /** Lets an observer know whether a delete on the leader must have reached the follower by now. */
  idComparisons: idComparisons.default({ done: 0, looks: 0, needed: true }),
  /** The last second check; null: there was none yet. */
  secondCheck: secondCheck.nullable().default(null),
  /** From the last verification; null: there were no searches, or it has not ended. */
  queries: queryEvidence.nullable().default(null),
  /** Aliases whose filter matches documents of the source and none of the target, one line each. */
  emptyAliases: z.array(z.string()).default([]),
  /** By name: the thresholds that must hold before readers are moved to the new index. */
  acceptance: z.record(z.string(), z.number().optional()).default({}),
  /** The time that is left of the soak: readers or writers stay where they were moved last, until it is over. */
  soakLeftMs: z.number().default(0),
  /** The names of thresholds that a user has overridden. */
  forced: z.array(z.string()).default([]),
  /** The commands of users, and their outcomes. */
  commands: commands.default(NO_COMMANDS),
  /** The coordinator; null when it gave the lease back. */
  holder: z.object({ id: z.string(), host: z.string(), pid: z.number().int(), user: z.string() }).nullable(),
  /**
   * The token under which the guardian took over during a hold, from the coordinator with the token before; null: it never did.
   */
  rescued: z.number().int().nullable().default(null),
  /** Every request of the last holder was answered, so none of them can arrive late. */
  clean: z.boolean(),
  heartbeat: z.number().int(),
  /** The reason of the coordinator's last wait or failure, which `status` shows. */
  message: z.string(),
  startedAt: z.string(),
  updatedAt: z.string(),
  history: z.array(historyEntry),
  /** The phase that was announced last, and whose hooks were run. */
  announced: z.string().default(''),
  /** Why the move that was asked for last is not made. Emptied by the next command. */
  stoppedBy: z.string().default(''),
  /**
   * `hook`: a hook before the move failed. `acceptance`: a threshold does not hold. `secondCheck`: the second check found a
   * difference. `aliases`: the engine refuses to move an alias. `hold`: the holds for the switch failed too often, or for a
   * reason that does not pass.
   */
  stoppedFor: z.enum(['hook', 'acceptance', 'secondCheck', 'aliases', 'hold']).default('hook'),
  keptUntil: z.string().nullable(),
  /** The id of the last write, which shows whether an unanswered one took effect. */
  writeId: z.string(),
});
export type MigrationRecord = z.infer<typeof recordSchema>;

/** The fields that are read of a migration that is over, possibly one of another version of twindex. */
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

/** @throws TwindexError `failed` for a document that this version of twindex does not understand */
export function readRecord(source: unknown): MigrationRecord {
  const parsed = recordSchema.safeParse(source);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0];
  throw new TwindexError(
    'failed',
    `the journal holds a migration that this version of twindex can't read (${where?.path.join('.')}: ${where?.message}). ` +
      'Use the version that began it. If the document was changed by hand: twindex status says what is left of the migration.',
  );
}

/** A later version of twindex has written the record, so it may contain fields that this version does not know. */
export function isOfNewerFormat(source: unknown): boolean {
  const { format } = Object(source) as { readonly format?: unknown };
  return typeof format === 'number' && format > 1;
}

export const other = (s: Side): Side => (s === 'source' ? 'target' : 'source');
export const indexOf = (record: MigrationRecord, s: Side): string => record[s].index;
export const leaderIndex = (record: MigrationRecord): string => record[record.leader].index;
export const followerIndex = (record: MigrationRecord): string => record[other(record.leader)].index;

/** By shard of the leader: up to this `_seq_no`, the follower may have documents without the stamps of their operations. */
export const backfilledUpTo = ({ leader, backfillUpTo }: MigrationRecord): readonly number[] =>
  leader === 'source' ? (backfillUpTo ?? []) : [];

export const isOver = (record: MigrationRecord): boolean =>
  record.state === 'finalized' || record.state === 'aborted';

/** Its cluster may not exist any more. */
export const isSourceGivenUp = ({ detached, leader }: MigrationRecord): boolean =>
  detached && leader === 'target';
