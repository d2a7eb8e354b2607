// Decides which hook points belong to a move, and to a phase that was reached. Pure.
import type { Goal, MigrationRecord, StateName } from '../../../protocol/record.js';
import { nextMove, type Phase, phaseOf } from '../../../protocol/states.js';
import type { AfterHookPoint, BeforeHookPoint } from '../../../schema/types.js';

/** The hook points before the state `to`. @param record the record before the change of state */
export function hookPointsBefore(record: MigrationRecord, to: StateName): readonly BeforeHookPoint[] {
  switch (to) {
    case 'copying':
      return ['copying'];
    case 'movingReaders': {
      const move = nextMove(record);
      if (move.type !== 'readers') return [];
      if (move.to === 'source') return ['rollback'];
      // If the target is the leader, this is no cut-over: a rollback was called off, and the readers return
      // to the target.
      return record.leader === 'source' ? ['cutover'] : [];
    }
    case 'holding':
      if (record.leader === 'target') return ['rollback'];
      // The switch of a bare index also finalizes the migration.
      return record.layout === 'bare-index' ? ['switched', 'finalized'] : ['switched'];
    case 'finalizing':
      // No hook may delay the end of a hold.
      return record.state === 'holding' ? [] : ['finalized'];
    case 'aborting':
      return ['aborted'];
    default:
      return [];
  }
}

/** @param before the phase that was announced last; empty if there is none */
export function hookPointsAfter(before: string, phase: Phase): readonly AfterHookPoint[] {
  switch (phase) {
    case 'verifying':
    case 'incomplete':
    case 'ready': {
      const ready: readonly AfterHookPoint[] = phase === 'ready' ? ['ready'] : [];
      if (before === 'verifying' || before === 'incomplete' || before === 'ready') return ready;
      const cameBack = before === 'cutover' || before === 'switched' || before === 'returning';
      return [cameBack ? 'rollback' : 'copying', ...ready];
    }
    case 'finalized':
      return before === 'switched' ? ['finalized'] : ['switched', 'finalized'];
    case 'cutover':
    case 'switched':
    case 'aborted':
      return [phase];
    default:
      return [];
  }
}

/** The goal with which the migration begins no further move. */
export function goalHere(record: MigrationRecord): Goal {
  const phase = phaseOf(record);
  return phase === 'cutover' || phase === 'switched' ? phase : 'ready';
}
