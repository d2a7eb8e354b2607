// One window under way.
import type { BothConfirmation } from '../../protocol/confirmBoth.js';
import type { CopyOutcome, CopyRun } from './copier.js';
import { LATE_MS, TARGET_MS, TOO_LONG_MS } from './windows.js';
import type { SeqNoRange } from '../../documents/seqNoRange.js';

export interface WindowInFlight {
  readonly window: SeqNoRange;
  readonly run: CopyRun;
  readonly both: BothConfirmation;
  readonly beganAt: number;
  /** How long its copy has rested, without the present pause; ms. */
  idleMs: number;
  /** When the present pause began (`performance.now()`); undefined: it is being copied. */
  idleSince: number | undefined;
  /** It was ended because it takes too long: what is left of it is shared. */
  late: boolean;
  /** It was ended because its rest would take too long, and is cut. */
  tooLong: boolean;
  /** When its run ended (`performance.now()`), which may be long before somebody looks at the outcome. */
  endedAt?: number;
  outcome?: CopyOutcome;
  error?: unknown;
  docsPerSecond: number;
  /** Documents of it that were reported. */
  reported: number;
}

/** How long it has been copied, without the pauses. */
export function workedMs({ beganAt, endedAt, idleMs, idleSince }: WindowInFlight): number {
  return (endedAt ?? idleSince ?? performance.now()) - beganAt - idleMs;
}

/** It takes too long, and there is something of it to share. */
export function isLate(inFlight: WindowInFlight): boolean {
  const { late, window, run } = inFlight;
  const { cursor } = run;
  if (late || cursor === undefined || workedMs(inFlight) <= LATE_MS) return false;
  return window.upTo - cursor > 1;
}

/**
 * Its rest would take too long, so that an interruption would cost too much of it: the rate was lowered after it was handed out, or
 * its documents are larger, or closer together, than those before it.
 */
export function takesTooLong(inFlight: WindowInFlight): boolean {
  const { run, window, docsPerSecond, late, tooLong } = inFlight;
  // while nothing is to be copied nothing more is lost either
  if (late || tooLong || docsPerSecond === 0) return false;
  const operations = window.upTo - window.after;
  const left = Math.min(operations - run.handled, window.upTo - (run.cursor ?? window.after));
  const tookMs = workedMs(inFlight);
  const measured = tookMs > TARGET_MS && run.handled > 0 ? (run.handled * 1_000) / tookMs : docsPerSecond;
  return (left * 1_000) / Math.min(docsPerSecond, measured) > TOO_LONG_MS;
}
