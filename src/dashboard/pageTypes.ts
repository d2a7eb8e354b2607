// The JSON that the server of the dashboard sends to its page. The page is compiled for browsers, so this
// file imports nothing.

/** A migration in the list. */
export interface Row {
  readonly name: string;
  readonly phase: string;
  /** `needsYou`: a person has to look at the migration. `rests`: it waits until somebody requests the next move. */
  readonly group: 'needsYou' | 'working' | 'rests' | 'over';
  /** Why a person has to look at the migration; empty if nobody has to. */
  readonly attention: string;
  readonly paused: boolean;
  readonly source: string;
  readonly target: string;
  /** The indexes that readers and writers use. */
  readonly readers: string;
  readonly writers: string;
  readonly goal: string;
  /** `copy`, `verify` or `searches`; empty while nothing is counted. */
  readonly task: string;
  /** 0 to 100; null if it is not known. */
  readonly percent: number | null;
  /** Per second; null if nothing is being copied or compared. */
  readonly rate: number | null;
  readonly etaMs: number | null;
  readonly startedAt: string;
  /**
   * The command that a person would run next; empty if there is none, or if the migration continues by
   * itself.
   */
  readonly next: string;
}

export type Verb = 'pause' | 'resume' | 'throttle' | 'cutover' | 'switch' | 'rollback' | 'finalize' | 'abort';

/** Something that a person can do with a migration. */
export interface Action {
  readonly verb: Verb;
  readonly title: string;
  /** What will happen, in sentences. */
  readonly does: string;
  /** The index that the action deletes for good. The person has to type its name. */
  readonly typed: string | null;
  /** Why the action is not possible now; null if it is. */
  readonly whyNot: string | null;
  /** Whether the action is possible with `supersede`, which overrules a pause or a rollback of somebody else. */
  readonly canSupersede: boolean;
  /** Thresholds that do not hold, but that the person may override. */
  readonly forceable: readonly string[];
  /** Whether the action is the next step of this migration. */
  readonly isNext: boolean;
}

interface RejectedGroup {
  readonly reason: string;
  readonly count: number;
  readonly ids: readonly string[];
}

export interface Writer {
  readonly type: string;
  readonly host: string;
  readonly pid: number;
  readonly updatedAt: string;
  readonly leaseMs: number;
  /** Whether the writer has not written to the journal for longer than its lease time. */
  readonly isSilent: boolean;
  /** What the writer does for this migration, for example `holds writes`. */
  readonly does: string;
  readonly versions: readonly number[];
  readonly mirrored: number;
  readonly refused: number;
  readonly unanswered: number;
  /** Why the writer sends no copies to the follower; empty in normal operation. */
  readonly away: string;
}

interface Worker {
  readonly host: string;
  readonly pid: number;
  readonly updatedAt: string;
}

export interface TimelineStep {
  readonly state: string;
  readonly from: string;
  /** The end of the state; null if the migration is still in it. */
  readonly to: string | null;
}

export interface Entry {
  readonly at: string;
  readonly what: string;
  readonly by: string;
  readonly why: string;
  readonly evidence: {
    readonly compared: number;
    readonly differences: number;
    readonly repaired: number;
    readonly rejected: number;
  } | null;
}

interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Evidence {
  readonly copied: number;
  /** How many documents the source had when the copy began. */
  readonly documents: number;
  readonly compared: number;
  readonly differences: number;
  readonly repaired: number;
  readonly dropped: number;
  readonly nonDeterministic: number;
  readonly deletesReconciled: number;
  readonly pastWriters: number;
  readonly writePauseMs: readonly number[];
  readonly firstDifferences: readonly string[];
  readonly verified: boolean;
  readonly secondCheck: {
    readonly sampled: number;
    readonly counts: string;
    readonly wrong: readonly string[];
    readonly advice: string;
  } | null;
  readonly searches: {
    readonly requests: number;
    readonly errors: number;
    readonly overlapAt10: number;
    readonly totalsDiffer: number;
    readonly aggregationsDiffer: number;
    readonly msBefore: Percentiles;
    readonly msAfter: Percentiles;
    readonly worst: readonly string[];
  } | null;
  readonly emptyAliases: readonly string[];
  readonly acceptance: readonly {
    readonly threshold: string;
    readonly value: number;
    readonly forced: boolean;
  }[];
}

/** One migration, with everything that its page shows. */
export interface Detail {
  readonly row: Row;
  readonly state: string;
  readonly layout: 'two-aliases' | 'one-alias' | 'bare-index';
  readonly aliases: { readonly read: string; readonly write: string };
  readonly source: { readonly index: string; readonly version: number };
  readonly target: { readonly index: string; readonly version: number };
  readonly betweenClusters: boolean;
  readonly readers: 'source' | 'target';
  readonly leader: 'source' | 'target';
  /** Whether the follower is kept in sync. The arrow between the indexes is then animated. */
  readonly isFollowed: boolean;
  readonly targetExists: boolean;
  readonly sourceExists: boolean;
  readonly holds: boolean;
  readonly route: string;
  readonly hasTransform: boolean;
  readonly goal: string;
  readonly message: string;
  readonly troubles: readonly string[];
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly keptUntil: string | null;
  readonly progress: { readonly task: string; readonly done: number; readonly total: number | null };
  readonly lag: {
    readonly operations: number;
    readonly lagMs: number;
    readonly deletesPending: boolean;
  } | null;
  readonly throttle: {
    readonly auto: boolean;
    readonly maxDocsPerSecond: number | null;
    readonly maxSlowdown: number;
    readonly paused: boolean;
    /** Why the copy is limited; empty if it is not. */
    readonly reason: string;
  };
  readonly coordinator: {
    readonly user: string;
    readonly host: string;
    readonly pid: number;
    readonly isAlive: boolean;
  } | null;
  readonly pending: readonly { readonly command: string; readonly by: string }[];
  /** The last command, if it was not carried out. */
  readonly notDone: { readonly command: string; readonly by: string; readonly why: string } | null;
  readonly writersMode: 'none' | 'prepare' | 'mirror';
  /** The version that writes without a version count as. */
  readonly writersVersion: number;
  readonly writers: readonly Writer[];
  readonly workers: readonly Worker[];
  readonly evidence: Evidence;
  readonly rejected: {
    readonly count: number;
    /** How many of the rejected documents block the next move. */
    readonly blocking: number;
    readonly groups: readonly RejectedGroup[];
    readonly first: readonly RejectedOne[];
  };
  readonly timeline: readonly TimelineStep[];
  /** The latest entry comes first. */
  readonly history: readonly Entry[];
  readonly next: { readonly command: string; readonly why: string } | null;
  readonly actions: readonly Action[];
}

export interface RejectedOne {
  readonly id: string;
  readonly routing: string | null;
  readonly reason: string;
  readonly at: string;
}

/** A point of the plots. A value that is not known is null. */
export interface Sample {
  /** Seconds since 1970. */
  readonly at: number;
  readonly copyRate: number | null;
  readonly verifyRate: number | null;
  readonly percent: number | null;
  /** The highest rate that the throttle allows. */
  readonly limit: number | null;
  readonly lagMs: number | null;
  /** Time of a search on the old and on the new index. */
  readonly sourceMs: number | null;
  readonly targetMs: number | null;
}

/** An action that was sent to this dashboard, and its outcome. */
export interface Request {
  readonly id: number;
  readonly name: string;
  readonly verb: Verb;
  readonly at: string;
  readonly outcome: 'waiting' | 'done' | 'failed';
  /** Why the action failed, or what it is waiting for. */
  readonly text: string;
}

/** One event of the stream: everything that has changed since the event before. */
export interface Update {
  /** Whether this is the whole state, which replaces everything that the page knew before. */
  readonly whole: boolean;
  /** The time of the server. */
  readonly now: string;
  readonly rows: readonly Row[];
  readonly gone: readonly string[];
  /** Why the journal can't be read; empty if it can. */
  readonly trouble: string;
  /** When the journal was read last; null before the first time. */
  readonly readAt: string | null;
  /** Sent only if the stream was opened for one migration; null if the journal has none of that name. */
  readonly detail?: Detail | null;
  /** New points of the plots, the oldest first. */
  readonly samples?: readonly Sample[];
  /** `engine`: the times of searches are averages of the engine. `gateways`: p95 of searches to both indexes. */
  readonly timesFrom?: 'engine' | 'gateways';
  readonly requests: readonly Request[];
}

export interface About {
  /** For example `OpenSearch 3.8.0`; empty if other machines can reach the dashboard. */
  readonly engine: string;
  readonly twindex: string;
  /** `open`: reading needs no token. */
  readonly reading: 'open' | 'token';
  /** Whether the dashboard was started with a token. Without a token, nobody can steer. */
  readonly steering: boolean;
}

export interface Failure {
  readonly error: { readonly code: string; readonly message: string };
}

/** One hit of a search. */
export interface HitView {
  readonly id: string;
  readonly score: number | null;
}

/** A search of the application, on both indexes. */
export interface SearchView {
  readonly title: string;
  readonly error: string;
  readonly overlapAt10: number;
  readonly totalBefore: number | null;
  readonly totalAfter: number | null;
  readonly msBefore: number;
  readonly msAfter: number;
  readonly before: readonly HitView[];
  readonly after: readonly HitView[];
}

export interface SearchesView {
  readonly requests: number;
  readonly results: readonly SearchView[];
}

/** A rejected document, and the document that the transform makes of it. Both are JSON texts. */
export interface RejectedView {
  readonly id: string;
  readonly reason: string;
  readonly before: string | null;
  readonly after: string | null;
  /** What the transform does if it does not return a document. */
  readonly instead: string;
}

export interface PastMigration {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly phase: string;
  readonly by: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

/** All migrations of a name, the oldest first. */
export interface HistoryView {
  readonly name: string;
  readonly migrations: readonly PastMigration[];
}
