// Decides whether a search goes to the new index before the cut-over (canary). All searches with the same
// value of a header or cookie go to the same index, in every gateway. When the share of the new index grows,
// a value that has gone to it stays there.
import { createHash } from 'node:crypto';
import { headersOf } from '../http/requestHead.js';

interface Sticky {
  readonly from: 'header' | 'cookie';
  readonly name: string;
}

const STICKY = /^(header|cookie):([!#$%&'*+.^_`|~0-9A-Za-z-]+)$/;

/** Reads `header:x-user` or `cookie:session`. */
export function readSticky(text: string): Sticky | undefined {
  const [, from, name = ''] = STICKY.exec(text) ?? [];
  if (from === 'header') return { from, name: name.toLowerCase() };
  return from === 'cookie' ? { from, name } : undefined;
}

/** @param lines the header lines of the request */
export function stickyValue({ from, name }: Sticky, lines: string): string | undefined {
  const headers = headersOf(lines);
  const value = from === 'header' ? headers[name] : cookieOf(headers['cookie'] ?? '', name);
  return value === '' ? undefined : value;
}

/** Maps a value evenly to 0..1. With the index as `salt`, each index has other users among its first. */
export function shareOf(value: string, salt: string): number {
  const hash = createHash('sha256')
    .update(JSON.stringify([salt, value]))
    .digest();
  return hash.readUInt32BE(0) / 2 ** 32;
}

function cookieOf(header: string, name: string): string | undefined {
  for (const pair of header.split(/[;,]/)) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}
