// One window under way, and what tells whether it counts.
import type { Confirmation } from '../follow/confirm.js';
import type { CopyOutcome, CopyRun } from './copier.js';
import { LATE_MS, type Window } from './windows.js';

export interface Lane {
  readonly window: Window;
  readonly run: CopyRun;
  readonly onFirst: Confirmation;
  readonly onSecond: Confirmation;
  readonly beganAt: number;
  /** It was ended because it takes too long: what is left of it is shared. */
  late: boolean;
  outcome?: CopyOutcome;
  error?: unknown;
  docsPerSecond: number;
  /** Documents of it that were reported. */
  reported: number;
}

/** Nothing that was read, or written, for this window can be undone by a fail-over any more. */
export async function isConfirmed({ onFirst, onSecond }: Lane): Promise<boolean> {
  return (await onSecond.confirm()) !== undefined && (await onFirst.confirm()) !== undefined;
}

/** It takes too long, and there is something of it to share. */
export function isLate({ late, beganAt, window, run: { cursor } }: Lane): boolean {
  if (late || cursor === undefined || performance.now() - beganAt <= LATE_MS) return false;
  return window.upTo - cursor > 1;
}
