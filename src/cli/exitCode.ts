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

export function exitCodeOf(error: unknown): ExitCode {
  if (isTwindexError(error, 'lease_held')) return EXIT.leaseHeld;
  if (isTwindexError(error, 'unsafe')) return EXIT.unsafe;
  return EXIT.failed;
}
