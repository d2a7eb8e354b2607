// The cache folder for downloads: the data set, the engines, and the programs that twindex is compared with.
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Returns a path in the cache folder. Creates the folder if it is missing. */
export function inCache(name: string): string {
  const usual = process.getuid?.() === 0 ? '/var/cache/twindex' : join(homedir(), '.cache/twindex');
  const folder = resolve(process.env['TWINDEX_CACHE'] ?? usual);
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}
