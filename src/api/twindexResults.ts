// The types of the results of `createTwindex`'s functions, and functions that make them from a migration's record.
import type { RejectedFor } from '../commonReason.js';
import type { MigrationStatus as JournalStatus } from '../coordinator/migration/steering/getStatus.js';
import type { CheckResult } from '../coordinator/verify/checkIndexes.js';
import type { Plan } from '../plan/makePlan.js';
import {
  followerIndex,
  type Goal,
  leaderIndex,
  type MigrationRecord,
  type Route,
} from '../protocol/record.js';
import { type Phase, phaseOf } from '../protocol/states.js';
import type { MigrateOutcome } from './migrateIndex.js';
import type { Verified } from './verifyIndexes.js';

/** One of the two indexes of a migration. */
export interface VersionedIndex {
  /** For example `catalogue-v2`. */
  readonly index: string;
  readonly version: number;
}

/** Counts of the documents that a migration has handled, its differences, and its write pauses. */
export interface MigrationEvidence {
  /** Documents that were copied. */
  readonly copied: number;
  /** Documents that verifications have compared. */
  readonly compared: number;
  /** Documents that were different when they were compared. */
  readonly differences: number;
  /** How many of the different documents were repaired. */
  readonly repaired: number;
  /** Documents that the transform dropped. */
  readonly dropped: number;
  /** Documents that could not be compared, since the transform returns another result each time. */
  readonly nonDeterministic: number;
  /** For each switch: how long writes were refused, in ms. */
  readonly writePauseMs: readonly number[];
  /** The first differences, one line each. */
  readonly firstDifferences: readonly string[];
}

/** The progress of a migration, and the indexes that readers and writers use. */
export interface MigrationState {
  readonly name: string;
  readonly phase: Phase;
  /** True if nothing is copied or moved until the migration is resumed. */
  readonly paused: boolean;
  /** The phase that the migration should reach. */
  readonly goal: Goal;
  readonly route: Route;
  /** The old index. */
  readonly source: VersionedIndex;
  /** The new index. */
  readonly target: VersionedIndex;
  /** The index that readers use, for example `catalogue-v1`. */
  readonly readers: string;
  /** The index that writers use. */
  readonly writers: string;
  readonly evidence: MigrationEvidence;
  /** Why the migration waited or failed last; empty if it never did. */
  readonly message: string;
  /** RFC 3339. */
  readonly startedAt: string;
  /** RFC 3339. */
  readonly updatedAt: string;
}

/** The result of `status`. */
export interface MigrationStatus extends MigrationState {
  /** The process that coordinates the migration; undefined if there is none. */
  readonly coordinator: { readonly host: string; readonly pid: number; readonly user: string } | undefined;
  /** The documents that the new index or the transform refused. */
  readonly rejected: {
    readonly count: number;
    /** The ten most frequent reasons, without ids and values. */
    readonly byReason: readonly RejectedFor[];
  };
  /** Gateways and client libraries that write to both indexes. */
  readonly clients: readonly {
    readonly type: 'gateway' | 'client';
    readonly host: string;
    readonly pid: number;
    /** The time of its last sign of life, as RFC 3339. */
    readonly updatedAt: string;
    /** The versions of the documents that this process has sent lately. */
    readonly versions: readonly number[];
  }[];
  /** Why the indexes or the journal can't be read or written now, one line each. */
  readonly troubles: readonly string[];
}

/** The result of `migrate`. */
export interface MigrationResult {
  readonly name: string;
  /**
   * `unchanged`: the live index already was as it is declared. `changed`: the index was created, or changed in place.
   * `migrated`: a new index was filled, and `migration` shows the state of the migration.
   */
  readonly outcome: 'unchanged' | 'changed' | 'migrated';
  /** The index that readers use now, for example `catalogue-v2`. */
  readonly index: string;
  /** The plan that was carried out. */
  readonly plan: Plan;
  /** Undefined if there was no migration. */
  readonly migration: MigrationState | undefined;
}

/** The result of `verify`. */
export interface VerifyResult extends CheckResult {
  readonly name: string;
  /** The index that each write goes to first. */
  readonly leader: string;
  /** The index that is kept in sync with the leader. */
  readonly follower: string;
  /** True if every document was compared, and neither a difference nor a misfit was found. */
  readonly ok: boolean;
}

export function migrationState(record: MigrationRecord): MigrationState {
  const { name, paused, goal, route, source, target, readers, message, startedAt, updatedAt } = record;
  const { copied, compared, differences, repaired, dropped, nonDeterministic, ...rest } = record.evidence;
  const { writePauseMs, firstDifferences } = rest;
  const counts = { copied, compared, differences, repaired, dropped, nonDeterministic };
  return {
    name,
    phase: phaseOf(record),
    paused,
    goal,
    route,
    source,
    target,
    readers: record[readers].index,
    writers: leaderIndex(record),
    evidence: { ...counts, writePauseMs, firstDifferences },
    message,
    startedAt,
    updatedAt,
  };
}

export function migrationStatus({
  name,
  record,
  rejected,
  writers,
  troubles,
}: JournalStatus): MigrationStatus {
  const { holder } = record;
  return {
    ...migrationState(record),
    coordinator: holder ? { host: holder.host, pid: holder.pid, user: holder.user } : undefined,
    rejected: { count: rejected.count, byReason: rejected.byReason },
    clients: writers.map(({ type, host, pid, updatedAt, migrations }) => {
      const versions = Object.keys(migrations[name]?.shapes ?? {}).map(Number);
      return { type, host, pid, updatedAt, versions };
    }),
    troubles,
  };
}

export function migrationResult(outcome: MigrateOutcome): MigrationResult {
  const { plan, type } = outcome;
  const { name, source, target } = plan;
  if (type === 'migrated') {
    const migration = migrationState(outcome.record);
    return { name, outcome: type, index: migration.readers, plan, migration };
  }
  const live = (type === 'changed' ? outcome.index : undefined) ?? source?.index ?? target?.index ?? name;
  return { name, outcome: type === 'changed' ? type : 'unchanged', index: live, plan, migration: undefined };
}

export function isEqual(result: CheckResult): boolean {
  const { different, missing, extra, behind, nonDeterministic, misfits, complete, second, mappings } = result;
  const wrong = different + missing + extra + misfits.length + second.wrong.length + mappings.length;
  return wrong + behind + nonDeterministic === 0 && complete;
}

export function verifyResult({ record, result }: Verified): VerifyResult {
  const [leader, follower] = [leaderIndex(record), followerIndex(record)];
  return { ...result, name: record.name, leader, follower, ok: isEqual(result) };
}
