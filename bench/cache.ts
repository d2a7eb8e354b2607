// The folder for what is fetched once: the data set and the programs that are compared with. The engines are there too.
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** @returns a path in the cache folder, which is there afterwards */
export function inCache(name: string): string {
  const usual = process.getuid?.() === 0 ? '/var/cache/twindex' : join(homedir(), '.cache/twindex');
  const folder = resolve(process.env['TWINDEX_CACHE'] ?? usual);
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}
