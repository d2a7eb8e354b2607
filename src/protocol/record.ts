// The phase document of a migration: everything that has to survive, changed by compare-and-set only.
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
  /** Its place in the queue (commands.ts). */
  number: z.number().int(),
  id: z.string(),
  command: z.enum(COMMAND_NAMES),
  /** `user@host` */
  by: z.string(),
  timeoutMs: z.number(),
});
/** A move, or a verification, that was taken up and is not done yet. */
export type TakenCommand = z.infer<typeof takenCommand>;

const OUTCOMES = ['done', 'refused', 'superseded', 'timedOut'] as const;

const endedCommand = takenCommand.omit({ timeoutMs: true }).extend({
  outcome: z.enum(OUTCOMES),
  /** Why it was not done; empty when it was. */
  why: z.string(),
  /** A hook has failed: that is not a refusal. */
  hasFailed: z.boolean(),
});
export type EndedCommand = z.infer<typeof endedCommand>;

const commands = z.object({
  /** The number of the last one that was taken up. */
  taken: z.number().int(),
  pending: z.array(takenCommand),
  /** What has become of the last ones. */
  ended: z.array(endedCommand),
});
export type Commands = z.infer<typeof commands>;
export const NO_COMMANDS: Commands = { taken: 0, pending: [], ended: [] };

/**
 * How v1's documents get to v2. `server`: `_reindex` inside the engine; `client`: pages and bulks; `pipeline`: an ingest
 * pipeline changes them, inside the engine where it can; `reingest`: from the source of truth.
 */
export const ROUTES = ['server', 'client', 'pipeline', 'reingest'] as const;
export type Route = (typeof ROUTES)[number];

const throttleCommand = z.object({
  /** Held back when the engine is felt to suffer. */
  auto: z.boolean(),
  maxDocsPerSecond: z.number().nullable(),
  /** With `auto`: requests of others may take so many times as long as they do when nothing is copied. */
  maxSlowdown: z.number().default(1.3),
  /** Nothing is copied; what is mirrored and followed goes on. */
  paused: z.boolean(),
});
export type ThrottleCommand = z.infer<typeof throttleCommand>;
export const FREE: ThrottleCommand = { auto: true, maxDocsPerSecond: null, maxSlowdown: 1.3, paused: false };

const readsCommand = z.object({
  /** Shares of the searches through the read alias, 0 to 1: kept for a replay, sent to the target as well, answered by it. */
  record: z.number(),
  shadow: z.number(),
  canary: z.number(),
  /** `header:NAME`, `cookie:NAME`: whose value decides on which side of the canary a request is. */
  sticky: z.string().nullable(),
});
export type ReadsCommand = z.infer<typeof readsCommand>;
export const LEFT_ALONE: ReadsCommand = { record: 0, shadow: 0, canary: 0, sticky: null };

const side = z.enum(['source', 'target']);
export type Side = z.infer<typeof side>;

const aliasProperties = z.record(z.string(), z.unknown());

const reingestNote = z.object({
  /** What the documents come from: `--from`, or `reingest` of the index file. */
  from: z.enum(['file', 'definition']),
  /** The path of that file, `-` for stdin; empty where it is not known. */
  file: z.string().default(''),
  /** What only the old index has is left out, instead of being copied. */
  prune: z.boolean(),
  /** The source of truth is read; then documents that only the old index has are looked for. */
  step: z.enum(['reading', 'comparing', 'done']),
  /** As JSON: where reading goes on. */
  cursor: z.string().nullable(),
  /** In which the target was begun: all of its stamps are of this epoch or a later one. */
  epoch: z.number().int(),
  /** By shard of the source: up to where what only the old index has was looked for. */
  walked: z.array(z.number().int()),
  /** By shard of the target: its last operation before the writers were first switched to it. */
  switchedAt: z.array(z.number().int()).nullable(),
  read: z.number().int(),
  /** Of them, those that the old index did not have. */
  onlyTruth: z.number().int(),
  onlySource: z.number().int(),
  /** The first ids of those. */
  onlySourceFirst: z.array(z.string()),
  /** Not compared with the old index when that was verified last. */
  notCompared: z.number().int(),
});
/** Of a migration on the route `reingest`. */
export type ReingestNote = z.infer<typeof reingestNote>;

const percentiles = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });

const queryEvidence = z.object({
  at: z.string(),
  requests: z.number().int(),
  /** That fail on the new index, and not on the old one. */
  errors: z.number().int(),
  overlapAt10: z.number(),
  rankBiasedOverlap: z.number(),
  totalsDiffer: z.number().int(),
  aggregationsDiffer: z.number().int(),
  /** Of which it can't be said whether both find the same. */
  undecided: z.number().int().default(0),
  msBefore: percentiles,
  msAfter: percentiles,
  /** By the name of a threshold: the searches that are furthest from keeping it, one line each. */
  worst: z.record(z.string(), z.array(z.string())).default({}),
});
/** What the same searches have found on both indexes. */
export type QueryEvidence = z.infer<typeof queryEvidence>;

const secondCheck = z.object({
  at: z.string(),
  /** Documents of the leader that were looked at. */
  sampled: z.number().int(),
  /** How the numbers of documents compare. */
  counts: z.string(),
  /** What it has found, one line each; none: all is well. */
  wrong: z.array(z.string()),
  /** What a person can do about it. */
  advice: z.string().default(''),
});

const idComparisons = z.object({
  /** Complete ones. */
  done: z.number().int(),
  /** How often it was looked whether one is needed. */
  looks: z.number().int(),
  /** At the last look: there were deletes since the last one began. */
  needed: z.boolean(),
});

const holdsGivenUp = z.object({
  /** Holds in a row that ended without the switch; one that is under way counts as one. */
  inARow: z.number().int(),
  /** The last of them in a row that ended for a reason that does not pass by itself. */
  lastingInARow: z.number().int(),
  /** Of the last one. */
  reason: z.string(),
});
/** Kept in the journal, so that a coordinator that is started again does not begin to count again. */
export type HoldsGivenUp = z.infer<typeof holdsGivenUp>;
export const NO_HOLDS: HoldsGivenUp = { inARow: 0, lastingInARow: 0, reason: '' };

const historyEntry = z.object({
  at: z.string(),
  what: z.string(),
  /** `user@host` */
  by: z.string(),
  /** The version that did it; empty in old entries, as what follows. */
  twindex: z.string().default(''),
  /** What it was done for, or what came in the way. */
  why: z.string().default(''),
  /** What was known when a gate was passed. */
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
  /** Marks the target index as ours, in its `_meta.twindex.migration`. */
  id: z.string(),
  state: z.enum(STATES),
  goal: z.enum(GOALS),
  paused: z.boolean(),
  /**
   * Why nothing is copied, moved or deleted until a person has decided. `aliases`: an alias was moved by hand, and `resume` puts
   * it back. `journal`: the journal was lost, or is older than the indexes, and only one index can go on alone.
   */
  halted: z
    .object({ for: z.enum(['aliases', 'journal']), text: z.string() })
    .nullable()
    .default(null),
  /** The index that is kept in step was given up: nothing is asked of it any more, and only the end is left. */
  detached: z.boolean().default(false),
  source: indexVersion,
  target: indexVersion,
  layout: z.enum(['two-aliases', 'one-alias', 'bare-index']),
  /** Of the cluster that the source is in (its uuid), where that is not the journal's. */
  sourceCluster: z.string().nullable().default(null),
  aliases: z.object({ read: z.string(), write: z.string() }),
  /** Aliases of the source as they were found, with their properties. */
  sourceAliases: z.record(z.string(), aliasProperties),
  /** `index.gc_deletes` of the source, to put back. */
  sourceGcDeletes: z.string().nullable(),
  /** `index.uuid` of both: an index that was deleted and made again under the same name is another one. Null: not known. */
  uuids: z
    .object({ source: z.string().nullable(), target: z.string().nullable() })
    .default({ source: null, target: null }),
  /** Hashes of what the index file declared when it was last run. */
  declared: z.object({ schema: z.string(), transform: z.string() }),
  hasTransform: z.boolean(),
  route: z.enum(ROUTES).default('client'),
  /** By shard of the source: the checkpoint at which a back-fill without stamps began; null: there was none. */
  backfillUpTo: z.array(z.number().int()).nullable().default(null),
  reingest: reingestNote.nullable().default(null),
  /** What was asked for of the copying. */
  throttle: throttleCommand.default(FREE),
  /** Why copying is held back; empty when it is not. */
  throttled: z.string().default(''),
  /** What gateways are to do with searches. */
  reads: readsCommand.default(LEFT_ALONE),
  /** The index that writes go to first; the other is kept in step with it. */
  leader: side,
  readers: side,
  /** Between clusters: the readers have been moved while the present index was the leader, so some may be on the other for a moment. */
  readersMoved: z.boolean().default(false),
  epoch: z.number().int(),
  /** In which the migration was begun. In a later one the source has been the follower, and has versions of twindex. */
  firstEpoch: z.number().int().default(0),
  token: z.number().int(),
  /** By shard of the leader: everything up to it is on the follower, confirmed. */
  cursors: z.array(z.number().int()),
  /** Where the cursors stood when the present roles began: below, the indexes were equal without stamps. */
  roleStart: z.array(z.number().int()),
  /** Live documents of the leader when back-fill began: what progress is measured by. */
  documents: z.number().int(),
  /** A transform has dropped a document, so counts prove nothing: ids are compared instead. */
  drops: z.boolean(),
  /** Documents with a routing were met, on either index. */
  routed: z.boolean().default(false),
  /** This entry into the present roles has been verified (both directions, every document). */
  verified: z.boolean(),
  /** Kept once the writers are switched: where following back starts, by shard of the target. */
  returnCursors: z.array(z.number().int()).nullable(),
  options: z.object({
    maxLagMs: z.number(),
    maxWritePauseMs: z.number(),
    graceMs: z.number(),
    leaseMs: z.number(),
    keepMs: z.number().nullable(),
    dropRejected: z.boolean(),
    maxRejected: z.number(),
    /** After each move of readers or writers, before the next one. */
    soakMs: z.number().default(0),
  }),
  /** What the writers of ours are to do (docs/protocol.md, "Generations"). */
  writers: z.object({
    /**
     * `none`: there are none, or they write as if there were no migration; `prepare`: they enter deletes in the ledger;
     * `mirror`: and they write both indexes.
     */
    mode: z.enum(['none', 'prepare', 'mirror']),
    /** What new writes are sent under. It only grows, over the migrations of a name too. */
    generation: z.number().int(),
    /** Ledger entries of generations up to it count for nothing. */
    pruned: z.number().int(),
    /** The version whose shape a write has that names none. */
    version: z.number().int(),
    /** How often the readers were about to be moved; over the migrations of a name, too. */
    moves: z.number().int(),
  }),
  /** What verify, the id comparisons and the holds found. */
  evidence: z.object({
    compared: z.number(),
    differences: z.number(),
    /** Of the last verification: the transform makes something else of them each time, so they could not be compared. */
    nonDeterministic: z.number().default(0),
    repaired: z.number(),
    deletesReconciled: z.number(),
    copied: z.number(),
    conflicts: z.number(),
    dropped: z.number(),
    /** What following brought, and the follower did not have, while writers of ours were mirroring. */
    byFollowing: z.number(),
    /** Those of them that came past the writers, at least. */
    pastWriters: z.number().default(0),
    writePauseMs: z.array(z.number()),
    holdsGivenUp: z.number(),
    /** One line each. */
    firstDifferences: z.array(z.string()),
  }),
  /** Since the switch, or the rollback, was asked for. */
  holds: holdsGivenUp.default(NO_HOLDS),
  /** Rejected documents that hold the next move back, as they were counted last. */
  rejected: z.number().int().default(0),
  /** Rejected documents of which a user has said that the target need not have them. */
  leftOut: z.array(leftOut).default([]),
  /** For who wants to know whether a delete on the leader must have reached the follower. */
  idComparisons: idComparisons.default({ done: 0, looks: 0, needed: true }),
  /** The last one; null: there was none yet. */
  secondCheck: secondCheck.nullable().default(null),
  /** Of the last verification; null: there were no searches, or it is not done. */
  queries: queryEvidence.nullable().default(null),
  /** Aliases whose filter finds documents of the source and none of the target, one line each. */
  emptyAliases: z.array(z.string()).default([]),
  /** The thresholds that have to hold before readers get the new index, by name. */
  acceptance: z.record(z.string(), z.number().optional()).default({}),
  /** How long readers or writers are still to be where they were moved last, before the next move. */
  soakLeftMs: z.number().default(0),
  /** Thresholds that were overridden by name. */
  forced: z.array(z.string()).default([]),
  /** What people have asked for, and what has become of it. */
  commands: commands.default(NO_COMMANDS),
  /** The coordinator: undefined when it handed the lease back. */
  holder: z.object({ id: z.string(), host: z.string(), pid: z.number().int(), user: z.string() }).nullable(),
  /** The token under which the guardian took it out of a hold of the coordinator that had the token before; null: it never did. */
  rescued: z.number().int().nullable().default(null),
  /** Every request of the last holder was answered, so nothing of it can arrive late. */
  clean: z.boolean(),
  heartbeat: z.number().int(),
  /** What the coordinator last waited for or failed of; shown by `status`. */
  message: z.string(),
  startedAt: z.string(),
  updatedAt: z.string(),
  history: z.array(historyEntry),
  /** The phase whose hooks have been run, and that was told of, last. */
  announced: z.string().default(''),
  /** Why the last move that was asked for is not made. Until something is asked for again. */
  stoppedBy: z.string().default(''),
  /**
   * `hook`: a hook before the move failed. `acceptance`: a threshold is not kept. `secondCheck`: the second check found a
   * difference. `aliases`: the engine refuses to move an alias. `hold`: the holds for the switch failed for a reason that does
   * not pass, or too often.
   */
  stoppedFor: z.enum(['hook', 'acceptance', 'secondCheck', 'aliases', 'hold']).default('hook'),
  keptUntil: z.string().nullable(),
  /** Of the last write: tells whether an unanswered one took effect. */
  writeId: z.string(),
});
export type MigrationRecord = z.infer<typeof recordSchema>;

/** What is read of a migration that is over, also of one that another version of twindex has made. */
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

/** A later version of twindex has made it: it may say what this one does not know. */
export function isOfNewerFormat(source: unknown): boolean {
  const { format } = Object(source) as { readonly format?: unknown };
  return typeof format === 'number' && format > 1;
}

export const other = (s: Side): Side => (s === 'source' ? 'target' : 'source');
export const indexOf = (record: MigrationRecord, s: Side): string => record[s].index;
export const leaderIndex = (record: MigrationRecord): string => record[record.leader].index;
export const followerIndex = (record: MigrationRecord): string => record[other(record.leader)].index;

/** By shard of the leader: up to it, the follower may have documents that came without the stamps of their operations. */
export const backfilledUpTo = ({ leader, backfillUpTo }: MigrationRecord): readonly number[] =>
  leader === 'source' ? (backfillUpTo ?? []) : [];

export const isOver = (record: MigrationRecord): boolean =>
  record.state === 'finalized' || record.state === 'aborted';

/** Its cluster may be gone for good. */
export const isSourceGivenUp = ({ detached, leader }: MigrationRecord): boolean =>
  detached && leader === 'target';
