// A window in flight, with its times.
import type { BothConfirmation } from '../../protocol/confirmBoth.js';
import type { CopyOutcome, CopyRun } from './copier.js';
import { LATE_MS, TARGET_MS, TOO_LONG_MS } from './windows.js';
import type { SeqNoRange } from '../../documents/seqNoRange.js';

export interface WindowInFlight {
  readonly window: SeqNoRange;
  readonly run: CopyRun;
  readonly both: BothConfirmation;
  readonly beganAt: number;
  /** How long the copy has paused in ms, without the present pause. */
  idleMs: number;
  /** When the present pause began (`performance.now()`); undefined when the copy is running. */
  idleSince: number | undefined;
  /** Ended because it takes too long. Its rest is shared. */
  late: boolean;
  /** Ended because its rest would take too long, and is cut. */
  tooLong: boolean;
  /** When the run ended (`performance.now()`), which may be long before the outcome is read. */
  endedAt?: number;
  outcome?: CopyOutcome;
  error?: unknown;
  docsPerSecond: number;
  /** How many of its documents were reported as progress. */
  reported: number;
}

/** How long the window was copied, without the pauses. */
export function workedMs({ beganAt, endedAt, idleMs, idleSince }: WindowInFlight): number {
  return (endedAt ?? idleSince ?? performance.now()) - beganAt - idleMs;
}

/** Whether the window takes too long, and has a rest to share. */
export function isLate(inFlight: WindowInFlight): boolean {
  const { late, window, run } = inFlight;
  const { cursor } = run;
  if (late || cursor === undefined || workedMs(inFlight) <= LATE_MS) return false;
  return window.upTo - cursor > 1;
}

/**
 * Whether the rest would take so long that an interruption would cost too much: the rate was lowered after the window was handed
 * out, or its documents are larger or denser than earlier ones.
 */
export function takesTooLong(inFlight: WindowInFlight): boolean {
  const { run, window, docsPerSecond, late, tooLong } = inFlight;
  // While nothing may be copied, an interruption costs nothing more.
  if (late || tooLong || docsPerSecond === 0) return false;
  const operations = window.upTo - window.after;
  const left = Math.min(operations - run.handled, window.upTo - (run.cursor ?? window.after));
  const tookMs = workedMs(inFlight);
  const measured = tookMs > TARGET_MS && run.handled > 0 ? (run.handled * 1_000) / tookMs : docsPerSecond;
  return (left * 1_000) / Math.min(docsPerSecond, measured) > TOO_LONG_MS;
}
