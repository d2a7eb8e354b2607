// Decides whether a migration needs a person, and for which reason. `twindex status` shows the reason. Pure.
import { isOver, type MigrationRecord } from './record.js';
import { needsCoordinator, nextMove, type Phase, phaseOf } from './states.js';

/** The reasons why a migration may need a person, the most urgent first. */
export const ATTENTION = [
  'trouble',
  'halted',
  'paused',
  'stopped',
  'unattended',
  'copyingPaused',
  'rejected',
] as const;
export type Attention = (typeof ATTENTION)[number];

interface Seen {
  /** Whether a coordinator has shown a sign of life lately. */
  readonly coordinated: boolean;
  /** How many rejected documents block the next move. Default: the coordinator's last count. */
  readonly rejected?: number;
  /** The number of problems with the indexes or the journal. */
  readonly troubles?: number;
}

/** Why a person has to look at this migration; undefined if none has to. */
export function attentionFor(
  record: MigrationRecord,
  { coordinated, rejected = record.rejected, troubles = 0 }: Seen,
): Attention | undefined {
  if (isOver(record)) return undefined;
  if (troubles > 0) return 'trouble';
  if (record.halted) return 'halted';
  if (record.paused) return 'paused';
  if (record.stoppedBy !== '') return 'stopped';
  if (!coordinated && wantsCoordinator(record)) return 'unattended';
  if (record.throttle.paused && record.state === 'copying') return 'copyingPaused';
  return isHeldUp(record, rejected) ? 'rejected' : undefined;
}

/** Phases in which a migration works towards its goal. Without a coordinator it makes no progress in them. */
export const WORKING: ReadonlySet<Phase> = new Set(['copying', 'verifying', 'returning']);

/** Whether the migration needs a coordinator, because it is not finished or has indexes to keep in sync. */
export function wantsCoordinator(record: MigrationRecord): boolean {
  const waits = nextMove(record).type !== 'stay' || record.commands.pending.length > 0;
  return waits || WORKING.has(phaseOf(record)) || needsCoordinator(record);
}

/** Whether rejected documents block the next move. Not after the switch: then they block only a rollback. */
export const isHeldUp = ({ leader, options }: MigrationRecord, rejected: number): boolean =>
  rejected > 0 && leader === 'source' && !options.dropRejected;
