// Parses and formats durations as people write them: `500ms`, `2s`, `5m`, `72h`.
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

const AGO_UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const;

/** A time in the past, in its largest unit: `3 min ago`, `2 days ago`, `just now`. */
export function formatAgo(ms: number): string {
  const [size, unit] = AGO_UNITS.find(([one]) => ms >= one) ?? [1, ''];
  // The clocks of two machines may differ, so a time in the past may seem to be in the future.
  if (unit === '') return 'just now';
  const amount = Math.floor(ms / size);
  return `${amount} ${unit}${unit === 'day' && amount > 1 ? 's' : ''} ago`;
}
