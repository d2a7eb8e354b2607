// READ FIRST. The states of a migration, and the states that may follow each of them. docs/states.md is drawn
// from this table. A step to a state that is not listed does not compile.
import type { MigrationRecord, Side, StateName } from './record.js';

export const NEXT = {
  creating: ['copying', 'aborting'],
  copying: ['restoring', 'aborting'],
  restoring: ['mirroring', 'aborting'],
  mirroring: ['movingReaders', 'holding', 'finalizing', 'aborting'],
  movingReaders: ['mirroring'],
  holding: ['settling', 'mirroring', 'finalizing'],
  settling: ['mirroring'],
  finalizing: ['finalized'],
  finalized: [],
  aborting: ['aborted'],
  aborted: [],
} as const satisfies Record<StateName, readonly StateName[]>;

export const DESCRIPTION: Readonly<Record<StateName, string>> = {
  creating: "The target index is created; its primary terms are raised above the source's.",
  copying:
    'Back-fill: the live documents are copied in the order of `_seq_no`. Meanwhile the target has no replicas and no refreshes.',
  restoring:
    'The target gets its replicas and its refresh interval. The coordinator waits until the replicas are there.',
  mirroring:
    'The follower is kept in sync with the leader, including deletes, and is verified. Every move begins in this state.',
  movingReaders:
    'A round of following copies all changes made so far, then the read alias is moved in one call.',
  holding:
    'Writes are refused for a moment. After a last round and the count proof, the write alias is moved.',
  settling:
    'The roles are exchanged. The former leader stays blocked until no late request can arrive; then it becomes the follower.',
  finalizing: 'The source is deleted, or closed with `--keep`, as soon as nobody reads it any more.',
  finalized: 'Readers and writers are on the target, and nothing is left to be kept in sync.',
  aborting: 'The target is deleted. No application uses it.',
  aborted: 'Readers and writers are on the source, as before.',
};

export type NextOf<S extends StateName> = (typeof NEXT)[S][number];

export const PHASES = [
  'copying',
  'verifying',
  'incomplete',
  'ready',
  'cutover',
  'switched',
  'returning',
  'finalized',
  'aborted',
] as const;
/**
 * The progress of a migration, derived from the roles. `copying` to `ready`: readers and writers are on the
 * source. `incomplete` is like `ready`, but some documents were rejected, and no user has accepted that.
 * `cutover`: the readers are on the target. `switched`: the writers are, too. `returning`: the readers are
 * back on the source, and the writers move next.
 */
export type Phase = (typeof PHASES)[number];

export function phaseOf({
  state,
  leader,
  readers,
  verified,
  rejected,
}: Pick<MigrationRecord, 'state' | 'leader' | 'readers' | 'verified'> & {
  readonly rejected?: number;
}): Phase {
  if (state === 'finalized' || state === 'aborted') return state;
  if (state === 'creating' || state === 'copying' || state === 'restoring') return 'copying';
  if (leader === 'target') return readers === 'target' ? 'switched' : 'returning';
  if (readers === 'target') return 'cutover';
  if (!verified) return 'verifying';
  return rejected ? 'incomplete' : 'ready';
}

/** Whether a coordinator is needed to keep an index in sync that applications use, or to complete a move. */
export function needsCoordinator({
  state,
  leader,
  readers,
}: Pick<MigrationRecord, 'state' | 'leader' | 'readers'>): boolean {
  if (state === 'mirroring') return readers !== leader || leader === 'target';
  return BETWEEN.has(state);
}

/** States in which a move, or the end of the migration, has begun and must be completed. */
const BETWEEN: ReadonlySet<StateName> = new Set([
  'movingReaders',
  'holding',
  'settling',
  'finalizing',
  'aborting',
]);

export type Move =
  | { readonly type: 'readers'; readonly to: Side }
  | { readonly type: 'writers' }
  | { readonly type: 'finalize' }
  | { readonly type: 'abort' }
  | { readonly type: 'stay' };

export function isRollback(record: Pick<MigrationRecord, 'goal' | 'leader' | 'readers' | 'layout'>): boolean {
  const move = nextMove(record);
  return (
    record.leader === 'target' &&
    (move.type === 'writers' || (move.type === 'readers' && move.to === 'source'))
  );
}

export function nextMove(record: Pick<MigrationRecord, 'goal' | 'leader' | 'readers' | 'layout'>): Move {
  const { goal, leader, readers, layout } = record;
  const onSource = leader === 'source';
  const wantsTarget = goal === 'switched' || goal === 'finalized';
  if (layout !== 'two-aliases') {
    // With one alias for both, readers and writers move together.
    if (wantsTarget === onSource) return { type: 'writers' };
  } else if (wantsTarget) {
    if (readers === 'source') return { type: 'readers', to: 'target' };
    if (onSource) return { type: 'writers' };
  } else if (!onSource) {
    return readers === 'target' ? { type: 'readers', to: 'source' } : { type: 'writers' };
  } else if (goal === 'cutover') {
    return readers === 'source' ? { type: 'readers', to: 'target' } : { type: 'stay' };
  } else if (readers === 'target') {
    return { type: 'readers', to: 'source' };
  }
  if (goal === 'finalized') return { type: 'finalize' };
  if (goal === 'aborted') return { type: 'abort' };
  return { type: 'stay' };
}

/** States in which documents are copied to the follower or deleted there, and no alias is moved. */
export const KEPT_IN_STEP: ReadonlySet<StateName> = new Set(['copying', 'restoring', 'mirroring']);
