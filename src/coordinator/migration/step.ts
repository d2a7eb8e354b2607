// A step is two functions: `act` touches the cluster, is idempotent and takes a few seconds at most; `decide` is pure.
import type { Patch } from '../../journal/journal.js';
import type { MigrationRecord, StateName } from '../../protocol/record.js';
import type { Session } from './session.js';
import type { NextOf } from '../../protocol/states.js';

/** Why a move that is asked for is not made, where waiting would not help. */
export interface Refusal {
  readonly because: Exclude<MigrationRecord['stoppedFor'], 'hook'>;
  readonly message: string;
}

/** Stay in a state, or go where the table lets it. */
export interface Decision<S extends StateName> {
  readonly to: S | NextOf<S>;
  readonly patch: Patch;
  /** Nothing goes on until a person has done something. */
  readonly needsYou?: boolean;
  /** The move that is asked for is not made, where waiting would not help: it is not asked for any more. */
  readonly refusal?: Refusal | undefined;
}

export interface Step<S extends StateName, Outcome> {
  act(session: Session): Promise<Outcome>;
  decide(record: MigrationRecord, outcome: Outcome): Decision<S>;
}
