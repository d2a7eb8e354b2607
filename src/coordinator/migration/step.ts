// The interface of a step, which runs while the migration is in one state. `act` changes the cluster, is
// idempotent and takes a few seconds at most; `decide` is pure.
import type { Patch } from '../../journal/journal.js';
import type { MigrationRecord, StateName } from '../../protocol/record.js';
import type { Session } from './session.js';
import type { NextOf } from '../../protocol/states.js';

/** Withdraws a requested move, because waiting would not help. */
export interface Refusal {
  readonly because: Exclude<MigrationRecord['stoppedFor'], 'hook'>;
  readonly message: string;
}

export interface Decision<S extends StateName> {
  readonly to: S | NextOf<S>;
  readonly patch: Patch;
  /** Whether the migration can't continue until a person has done something. */
  readonly needsYou?: boolean;
  readonly refusal?: Refusal | undefined;
}

export interface Step<S extends StateName, Outcome> {
  act(session: Session): Promise<Outcome>;
  decide(record: MigrationRecord, outcome: Outcome): Decision<S>;
}
