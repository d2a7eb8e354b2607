// Which hooks a move, or a phase that is reached, has. Pure.
import type { Goal, MigrationRecord, StateName } from '../../../protocol/record.js';
import { nextMove, type Phase, phaseOf } from '../../../protocol/states.js';
import type { AfterHookPoint, BeforeHookPoint } from '../../../schema/types.js';

/**
 * Of the gates that the machine is about to pass on its way into the state `to`.
 * @param record as it is before
 */
export function hookPointsBefore(record: MigrationRecord, to: StateName): readonly BeforeHookPoint[] {
  switch (to) {
    case 'copying':
      return ['copying'];
    case 'movingReaders': {
      const move = nextMove(record);
      if (move.type !== 'readers') return [];
      if (move.to === 'source') return ['rollback'];
      // those of a rollback that was thought better of are back where they were
      return record.leader === 'source' ? ['cutover'] : [];
    }
    case 'holding':
      if (record.leader === 'target') return ['rollback'];
      // the switch of a bare index is its end
      return record.layout === 'bare-index' ? ['switched', 'finalized'] : ['switched'];
    case 'finalizing':
      // out of a hold nothing is waited for
      return record.state === 'holding' ? [] : ['finalized'];
    case 'aborting':
      return ['aborted'];
    default:
      return [];
  }
}

/** @param before the phase that was told of last; empty: none */
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

/** The goal of a migration that is to stay where it is. */
export function goalHere(record: MigrationRecord): Goal {
  const phase = phaseOf(record);
  return phase === 'cutover' || phase === 'switched' ? phase : 'ready';
}
