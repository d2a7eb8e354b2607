// Durations as people write and read them: `500ms`, `2s`, `5m`, `72h`.
import { TwindexError } from './errors.js';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** @param what the option's name, for the error @returns whole milliseconds @throws TwindexError `usage` */
export function parseDuration(text: string, what: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const factor = UNIT_MS[unit ?? ''];
  const ms = Math.round(Number(digits) * (factor ?? Number.NaN));
  if (!Number.isSafeInteger(ms)) {
    throw new TwindexError(
      'usage',
      `${what}: "${text}" is not a duration. Write a number with its unit: 500ms, 2s, 5m, 72h or 3d.`,
    );
  }
  return ms;
}

/** The two largest units: `1h 5m`, `2m 3s`, `12s`, `350ms`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}
