// Derives from the record of a migration how a writer has to treat writes now. Pure.
import { backfilledUpTo, isOver, type MigrationRecord, leaderIndex, followerIndex } from './record.js';
import { isBetweenClusters } from './clusterSides.js';
import { ledgerAlias, mirrorAlias, writeAlias } from './names.js';

/** The indexes, aliases and numbers that a write uses from its beginning to its end. */
export interface Roles {
  readonly name: string;
  readonly generation: number;
  readonly epoch: number;
  /** Concrete indexes. */
  readonly leader: string;
  readonly follower: string;
  readonly leaderAlias: string;
  /** The alias for copies; undefined while nothing is mirrored (`prepare`). */
  readonly mirrorAlias: string | undefined;
  readonly ledgerAlias: string;
  readonly leaderVersion: number;
  readonly followerVersion: number;
  /** The shape of writes that name no version. */
  readonly unnamedVersion: number;
  /** By shard of the leader: up to this `_seq_no` both indexes had the same documents when these roles began, without stamps. */
  readonly roleStart: readonly number[];
  /**
   * By shard of the leader: up to this `_seq_no` the follower may have a document from `_reindex`, or from the source of truth.
   */
  readonly backfilled: readonly number[];
  /** The follower was filled from the source of truth, so its documents may be newer than the leader's. */
  readonly isReingested: boolean;
  /** The readers are on the follower, so a write is acknowledged only when the follower has it. */
  readonly followerIsRead: boolean;
  /** The migration has found documents with a routing. */
  readonly routed: boolean;
}

export type WritersPhase =
  /** No migration: requests are forwarded unchanged, unless they name a version that the index does not have. */
  | { readonly type: 'idle' }
  /**
   * A migration runs, and its coordinator has not prepared the writers. Writes in the shape of the leader are forwarded
   * unchanged; others wait.
   */
  | { readonly type: 'unprepared'; readonly roles: Roles }
  /**
   * The writers are being switched, so nothing new is sent. `isLost`: the migration is missing in the journal, so nobody knows
   * which index is the leader.
   */
  | { readonly type: 'hold'; readonly isLost?: boolean }
  | { readonly type: 'write'; readonly roles: Roles };

export function writersPhase(record: MigrationRecord | undefined): WritersPhase {
  if (!record || isOver(record)) return { type: 'idle' };
  if (record.state === 'holding') return { type: 'hold' };
  const { mode, generation, version } = record.writers;
  const leader = record.leader;
  const follower = leader === 'source' ? 'target' : 'source';
  return {
    type: mode === 'none' ? 'unprepared' : 'write',
    roles: {
      name: record.name,
      generation,
      epoch: record.epoch,
      leader: leaderIndex(record),
      follower: followerIndex(record),
      leaderAlias: writeAlias(record.name, generation),
      mirrorAlias: mode === 'mirror' ? mirrorAlias(record.name, generation) : undefined,
      ledgerAlias: ledgerAlias(record.name, record.epoch),
      leaderVersion: record[leader].version,
      followerVersion: record[follower].version,
      // at the end, it is the version of the index that stays
      unnamedVersion: isEnding(record) ? record[leader].version : version,
      roleStart: record.roleStart,
      backfilled: backfilledUpTo(record),
      isReingested: record.reingest !== null,
      // also while the readers are being moved: a write that is acknowledged then must be there too
      followerIsRead:
        record.readers === follower ||
        record.state === 'movingReaders' ||
        // other gateways may still send readers there
        (isBetweenClusters(record) && record.readersMoved),
      routed: record.routed,
    },
  };
}

const isEnding = ({ state }: MigrationRecord): boolean => state === 'finalizing' || state === 'aborting';
