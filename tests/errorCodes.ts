// The errors that only a real engine can give. src/errors.test.ts raises the others, and demands that every code is in
// one of both tables; tests/integration/errorCodes.test.ts raises these.
import type { ErrorCode } from '../src/errors.js';

export const CODES_OF_ENGINES = [
  'conflict',
  'blocked',
  'rejected',
  'fenced',
  'no_coordinator',
  'too_many_rejected',
  'unsafe',
] as const satisfies readonly ErrorCode[];

export type CodeOfEngines = (typeof CODES_OF_ENGINES)[number];

/** Runs something that has to fail. @returns the error */
export async function raised(raise: () => unknown): Promise<unknown> {
  try {
    await raise();
  } catch (error) {
    return error;
  }
  throw new Error('no error was raised');
}

/** The file that made an error, so that no test can pass with an error of its own. */
export function madeIn(error: unknown): string {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return frames.find((line) => /^\s+at /.test(line)) ?? '';
}
