// One window under way.
import type { BothConfirmation } from '../follow/confirmBoth.js';
import type { CopyOutcome, CopyRun } from './copier.js';
import { LATE_MS, type Window } from './windows.js';

export interface Lane {
  readonly window: Window;
  readonly run: CopyRun;
  readonly both: BothConfirmation;
  readonly beganAt: number;
  /** It was ended because it takes too long: what is left of it is shared. */
  late: boolean;
  outcome?: CopyOutcome;
  error?: unknown;
  docsPerSecond: number;
  /** Documents of it that were reported. */
  reported: number;
}

/** It takes too long, and there is something of it to share. */
export function isLate({ late, beganAt, window, run: { cursor } }: Lane): boolean {
  if (late || cursor === undefined || performance.now() - beganAt <= LATE_MS) return false;
  return window.upTo - cursor > 1;
}
