// Reports a message at once, and its repetitions at growing intervals, with their number.
import { formatDuration } from './duration.js';

/** The time between two lines with the same text. It doubles after each line. */
const AGAIN_MS = { min: 10_000, max: 120_000 } as const;
/** A text that did not occur for this long is treated as new. */
const FORGOTTEN_MS = 300_000;
/** The number of texts that are remembered. */
const MAX_TEXTS = 200;

/** Removes times and counts from a text. With the result as `key`, the lines of a countdown count as repetitions. */
export const withoutFigures = (text: string): string =>
  text.replaceAll(/\d[\d.,]*(?= ?(?:ms|s|m|h|min|documents?|operations?|searches)\b)/g, '#');

interface Seen {
  times: number;
  readonly since: number;
  seenAt: number;
  reportedAt: number;
  againMs: number;
}

/** @returns a function to call for each occurrence. Texts that differ only in numbers can share a `key` */
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
