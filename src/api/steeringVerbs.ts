// The commands that steer a migration.
import type { CommandName } from '../protocol/record.js';

/** The excluded commands are sent by `twindex writers`, `throttle`, `reads` and `rejected`. */
export type Verb = Exclude<CommandName, 'writers' | 'throttle' | 'reads' | 'replay' | 'leaveOut'>;

/** Commands that need no index file when this process has to coordinate. */
const WITHOUT_INDEXES: ReadonlySet<Verb> = new Set(['pause', 'rollback', 'abort']);

/** When the project of a command loads its index files. */
export const indexesFor = (verb: Verb): 'now' | 'later' => (WITHOUT_INDEXES.has(verb) ? 'later' : 'now');
