// A step: `act` touches the cluster, is idempotent and takes a few seconds at most; `decide` is pure.
import type { Patch } from '../../journal/journal.js';
import type { MigrationRecord, StateName } from '../../protocol/record.js';
import type { Session } from './session.js';
import type { NextOf } from '../../protocol/states.js';

/** Why a requested move is not made, when waiting would not help. */
export interface Refusal {
  readonly because: Exclude<MigrationRecord['stoppedFor'], 'hook'>;
  readonly message: string;
}

/** Stays in the state, or enters one that the table of transitions allows. */
export interface Decision<S extends StateName> {
  readonly to: S | NextOf<S>;
  readonly patch: Patch;
  /** The migration can't continue until a person has done something. */
  readonly needsYou?: boolean;
  /** Withdraws the requested move, because waiting would not help. */
  readonly refusal?: Refusal | undefined;
}

export interface Step<S extends StateName, Outcome> {
  act(session: Session): Promise<Outcome>;
  decide(record: MigrationRecord, outcome: Outcome): Decision<S>;
}
