// Derives from the record of a migration how a writer must handle writes now. Pure.
import { backfilledUpTo, isOver, type MigrationRecord, leaderIndex, followerIndex } from './record.js';
import { isBetweenClusters } from './clusterSides.js';
import { ledgerAlias, mirrorAlias, writeAlias } from './names.js';

/** The indexes, aliases and numbers that a write uses from its beginning to its end. */
export interface Roles {
  readonly name: string;
  readonly generation: number;
  readonly epoch: number;
  /** The names of the concrete indexes, not of aliases. */
  readonly leader: string;
  readonly follower: string;
  readonly leaderAlias: string;
  /** The alias for copies; undefined while writers do not mirror (`prepare`). */
  readonly mirrorAlias: string | undefined;
  readonly ledgerAlias: string;
  readonly leaderVersion: number;
  readonly followerVersion: number;
  /** The version of documents in writes that name no version. */
  readonly unnamedVersion: number;
  /** For each shard of the leader: the `_seq_no` at the exchange of roles, when the indexes were equal. */
  readonly roleStart: readonly number[];
  /** For each shard of the leader: the `_seq_no` up to which back-filled documents may have no stamps. */
  readonly backfilled: readonly number[];
  /** Whether the target was filled from the source of truth. Its documents may be newer than the source's. */
  readonly isReingested: boolean;
  /** Whether readers are on the follower, so that a write is acknowledged only when the follower has it. */
  readonly followerIsRead: boolean;
  readonly routed: boolean;
}

export type WritersPhase =
  /** No migration: requests are forwarded unchanged. Only the document version that a write names is checked. */
  | { readonly type: 'idle' }
  /** Before the mode `prepare`: writers forward writes in the leader's shape; those in another shape wait. */
  | { readonly type: 'unprepared'; readonly roles: Roles }
  /**
   * Writers send no new requests, because of the switch, or because the journal has lost the migration
   * (`isLost`), so that the leader is unknown.
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
      // When the migration ends, this is the version of the index that stays.
      unnamedVersion: isEnding(record) ? record[leader].version : version,
      roleStart: record.roleStart,
      backfilled: backfilledUpTo(record),
      isReingested: record.reingest !== null,
      // A write that is acknowledged while the readers are being moved must already be on the follower.
      followerIsRead:
        record.readers === follower ||
        record.state === 'movingReaders' ||
        // Other gateways may still send readers to the follower.
        (isBetweenClusters(record) && record.readersMoved),
      routed: record.routed,
    },
  };
}

const isEnding = ({ state }: MigrationRecord): boolean => state === 'finalizing' || state === 'aborting';
