// Describes a window that is being copied, and decides whether its copy takes too long.
import type { BothConfirmation } from '../../protocol/confirmBoth.js';
import type { CopyOutcome, CopyRun } from './copier.js';
import { LATE_MS, TARGET_MS, TOO_LONG_MS } from './windows.js';
import type { SeqNoRange } from '../../documents/seqNoRange.js';

export interface WindowInFlight {
  readonly window: SeqNoRange;
  readonly run: CopyRun;
  readonly both: BothConfirmation;
  readonly beganAt: number;
  /** How long the copy has paused, not counting a pause that has not ended. */
  idleMs: number;
  /** When the present pause began (`performance.now()`); undefined when the copy is not paused. */
  idleSince: number | undefined;
  /** Whether the copy was ended because it took too long. A free slot then copies a part of what is left. */
  late: boolean;
  /** Whether the copy was ended because its rest would take too long. Shorter windows then copy the rest. */
  tooLong: boolean;
  /** When the copy of the window ended (`performance.now()`). The outcome may be read much later. */
  endedAt?: number;
  outcome?: CopyOutcome;
  error?: unknown;
  docsPerSecond: number;
  reported: number;
}

export function workedMs({ beganAt, endedAt, idleMs, idleSince }: WindowInFlight): number {
  return (endedAt ?? idleSince ?? performance.now()) - beganAt - idleMs;
}

/** Whether the window takes too long and can be shared: its rest has more than one operation. */
export function isLate(inFlight: WindowInFlight): boolean {
  const { late, window, run } = inFlight;
  const { cursor } = run;
  if (late || cursor === undefined || workedMs(inFlight) <= LATE_MS) return false;
  return window.upTo - cursor > 1;
}

/** Whether the rest would take too long: the rate was lowered, or documents are more or larger than expected. */
export function takesTooLong(inFlight: WindowInFlight): boolean {
  const { run, window, docsPerSecond, late, tooLong } = inFlight;
  // At rate 0 the copy is paused. A pause may be long: it does not add work that a crash would repeat.
  if (late || tooLong || docsPerSecond === 0) return false;
  const operations = window.upTo - window.after;
  const left = Math.min(operations - run.handled, window.upTo - (run.cursor ?? window.after));
  const tookMs = workedMs(inFlight);
  const measured = tookMs > TARGET_MS && run.handled > 0 ? (run.handled * 1_000) / tookMs : docsPerSecond;
  return (left * 1_000) / Math.min(docsPerSecond, measured) > TOO_LONG_MS;
}
