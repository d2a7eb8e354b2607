// Whether a migration needs a person, and why. `status` says it in words, and a metric counts it. Pure.
import { isOver, type MigrationRecord } from './record.js';
import { needsCoordinator, nextMove, type Phase, phaseOf } from './states.js';

/** The reasons, the most urgent first. */
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
  /** Rejected documents that hold the migration up. Default: as the coordinator counted them last. */
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

/** Phases in which a migration works towards its goal, so that it makes no progress without a coordinator. */
export const WORKING: ReadonlySet<Phase> = new Set(['copying', 'verifying', 'returning']);

/** Whether the migration has something left to do, or to keep in sync, for which it needs a coordinator. */
export function wantsCoordinator(record: MigrationRecord): boolean {
  const waits = nextMove(record).type !== 'stay' || record.commands.pending.length > 0;
  return waits || WORKING.has(phaseOf(record)) || needsCoordinator(record);
}

/** After the switch, rejected documents only stop a rollback. */
export const isHeldUp = ({ leader, options }: MigrationRecord, rejected: number): boolean =>
  rejected > 0 && leader === 'source' && !options.dropRejected;
