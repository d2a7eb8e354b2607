// Makes a row of the dashboard's list from the record of a migration. Pure.
import type { LostMigration, MigrationOverview } from '../coordinator/migration/steering/getStatus.js';
import {
  activityOf,
  attentionOf,
  hasCoordinator,
  nextCommand,
} from '../coordinator/migration/steering/nextCommand.js';
import { leaderIndex, type MigrationRecord } from '../protocol/record.js';
import type { Row } from './pageTypes.js';

/** @param rejected the rejected documents that block the migration */
export function rowOf(
  { name, phase, record, troubles }: MigrationOverview,
  now: number,
  rejected = record.rejected,
): Row {
  const attention = attentionOf(record, now, { rejected, troubles: troubles.length });
  const { progress, paused, source, target, readers, goal, startedAt } = record;
  const group = activityOf(record, attention);
  const isMoving = progress.task !== '' && progress.rate > 0 && hasCoordinator(record, now);
  return {
    name,
    phase,
    group,
    attention: attention ?? '',
    paused,
    source: source.index,
    target: target.index,
    readers: record[readers].index,
    writers: leaderIndex(record),
    goal,
    task: progress.task,
    percent: percentOf(progress),
    rate: isMoving ? Math.round(progress.rate) : null,
    etaMs: isMoving ? progress.etaMs : null,
    startedAt,
    next: group === 'working' ? '' : (nextCommand(record, now, rejected)?.command ?? ''),
  };
}

/** Rounded down, so that 100 means that all is done. */
function percentOf({ task, done, total }: MigrationRecord['progress']): number | null {
  if (task === '' || total === null) return null;
  return total === 0 ? 100 : Math.floor((100 * Math.min(done, total)) / total);
}

/** A migration that is under way, but that the journal has lost. */
export const lostRow = ({ name, text }: LostMigration): Row => ({
  name,
  phase: 'lost',
  group: 'needsYou',
  attention: `missing in the journal: ${text}`,
  paused: false,
  source: '',
  target: '',
  readers: '',
  writers: '',
  goal: '',
  task: '',
  percent: null,
  rate: null,
  etaMs: null,
  startedAt: '',
  next: `twindex status ${name}`,
});
