// What a writer of ours has to do now, derived from the record of the migration. Pure.
import { backfilledUpTo, isOver, type MigrationRecord, leaderIndex, followerIndex } from './record.js';
import { isBetweenClusters } from './clusterSides.js';
import { ledgerAlias, mirrorAlias, writeAlias } from './names.js';

/** The indexes, aliases and numbers that a write is carried out with. It keeps them to its end. */
export interface Roles {
  readonly name: string;
  readonly generation: number;
  readonly epoch: number;
  /** Concrete indexes. */
  readonly leader: string;
  readonly follower: string;
  /** What a first operation is sent to. */
  readonly leaderAlias: string;
  /** What a copy is sent to; undefined while nothing is mirrored (`prepare`). */
  readonly mirrorAlias: string | undefined;
  readonly ledgerAlias: string;
  readonly leaderVersion: number;
  readonly followerVersion: number;
  /** The version whose shape a write has that names none. */
  readonly unnamedVersion: number;
  /** By shard of the leader: up to it, both held the same documents when these roles began, without stamps. */
  readonly roleStart: readonly number[];
  /** By shard of the leader: up to it, the follower may have a document from `_reindex`, or from the source of truth. */
  readonly backfilled: readonly number[];
  /** It has it from the source of truth: in a newer state than the leader. */
  readonly isReingested: boolean;
  /** The readers are on the follower: a write is acknowledged when that has it. */
  readonly followerIsRead: boolean;
  /** The migration has met documents with a routing. */
  readonly routed: boolean;
}

export type WritersPhase =
  /** No migration: requests are handed on as they are, unless they name a version that the index does not have. */
  | { readonly type: 'idle' }
  /**
   * A migration runs, and its coordinator has not prepared any writer. Writes in the shape of the leader are handed on
   * as they are; others wait.
   */
  | { readonly type: 'unprepared'; readonly roles: Roles }
  /**
   * The writers are being switched: nothing new is sent. `isLost`: the journal does not know the migration any more, so that nobody
   * knows which index is the leader.
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
      // at the end it is the version of the index that stays, as after it
      unnamedVersion: isEnding(record) ? record[leader].version : version,
      roleStart: record.roleStart,
      backfilled: backfilledUpTo(record),
      isReingested: record.reingest !== null,
      // also while they are being moved: what is acknowledged then has to be there, too
      followerIsRead:
        record.readers === follower ||
        record.state === 'movingReaders' ||
        // other gateways may still send their readers there
        (isBetweenClusters(record) && record.readersMoved),
      routed: record.routed,
    },
  };
}

const isEnding = ({ state }: MigrationRecord): boolean => state === 'finalizing' || state === 'aborting';
