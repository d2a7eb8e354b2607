// Parses rates as people write them: `2000/s`, `2000`, `120000/m`.
import { TwindexError } from '../../errors.js';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

/** @param what the option's name, for the error @returns documents per second @throws TwindexError `usage` */
export function parseRate(text: string, what: string): number {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/(s|m|h))?$/.exec(text.trim()) ?? [];
  const rate = Number(digits) / (SECONDS[unit] as number);
  if (rate > 0 && Number.isFinite(rate)) return rate;
  throw new TwindexError(
    'usage',
    `${what}: "${text}" is not a rate above 0. Write documents per second: 2000/s.`,
  );
}
