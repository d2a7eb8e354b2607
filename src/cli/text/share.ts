// Parses and formats shares: `5%`, `0.5%`, `100%`, `0`.
import { TwindexError } from '../../errors.js';

/** @param what the option's name, for the error @returns 0 to 1 @throws TwindexError `usage` */
export function parseShare(text: string, what: string): number {
  const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(text.trim()) ?? [];
  const share = text.trim() === '0' ? 0 : Number(digits) / 100;
  if (share >= 0 && share <= 1) return share;
  throw new TwindexError('usage', `${what}: "${text}" is not a share. Write 0% to 100%, like 5%.`);
}

/** For example `5%`. */
export function shareText(share: number): string {
  return `${Number((share * 100).toPrecision(3))}%`;
}
