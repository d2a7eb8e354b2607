// The exit codes of the process.
import { isTwindexError } from '../errors.js';

export const EXIT = {
  done: 0,
  failed: 1,
  pending: 2,
  unsafe: 3,
  leaseHeld: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Error codes of refusals: nothing has failed, and the refused step has changed nothing. */
const UNSAFE = ['unsafe', 'flag_needed', 'plan_blocked', 'plan_stale', 'definition_changed'] as const;

/** The lines about exit codes in the help. */
export const EXIT_MEANINGS: readonly { readonly code: ExitCode; readonly meaning: string }[] = [
  { code: EXIT.done, meaning: 'done, or nothing to do' },
  { code: EXIT.failed, meaning: 'failed; the message says what to do next' },
  { code: EXIT.pending, meaning: 'plan --check: changes are pending' },
  { code: EXIT.unsafe, meaning: 'refused, because it would not be safe' },
  { code: EXIT.leaseHeld, meaning: 'another process coordinates this migration' },
  { code: EXIT.interrupted, meaning: 'interrupted; run the same command again to continue' },
];

export function exitCodeOf(error: unknown): ExitCode {
  if (isTwindexError(error, 'lease_held')) return EXIT.leaseHeld;
  if (isTwindexError(error, ...UNSAFE)) return EXIT.unsafe;
  return EXIT.failed;
}
