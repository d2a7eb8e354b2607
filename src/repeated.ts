// Trouble that lasts is told when it begins. After that it is counted, and told now and then with how often it was met.
import { formatDuration } from './duration.js';

/** Between two lines with the same text; it doubles with each. */
const AGAIN_MS = { min: 10_000, max: 120_000 } as const;
/** What was not met for so long begins anew. */
const FORGOTTEN_MS = 300_000;
/** Texts that are remembered. */
const MAX_TEXTS = 200;

interface Seen {
  times: number;
  readonly since: number;
  seenAt: number;
  reportedAt: number;
  againMs: number;
}

/** @returns for each text that was met; `key` says what is the same where texts differ in their figures */
export function withoutRepeats(report: (text: string) => void): (text: string, key?: string) => void {
  const known = new Map<string, Seen>();
  return (text, key = text) => {
    const at = performance.now();
    const seen = known.get(key);
    if (!seen || at - seen.seenAt > FORGOTTEN_MS) {
      if (known.size >= MAX_TEXTS) known.clear();
      known.set(key, { times: 1, since: at, seenAt: at, reportedAt: at, againMs: AGAIN_MS.min });
      report(text);
      return;
    }
    seen.times++;
    seen.seenAt = at;
    if (at - seen.reportedAt < seen.againMs) return;
    seen.reportedAt = at;
    seen.againMs = Math.min(AGAIN_MS.max, 2 * seen.againMs);
    report(`${text} (seen ${seen.times} times in ${formatDuration(at - seen.since)})`);
  };
}
