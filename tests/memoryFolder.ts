// Where the engines of a test run keep their data, which nobody needs afterwards.
import { readFileSync, statfsSync } from 'node:fs';

const FOLDER = '/dev/shm';
const NEEDED_BYTES = 8 * 1024 ** 3;

/**
 * A folder in memory, or undefined where there is none that is large enough and lets programs run.
 *
 * A refresh of a small index makes dozens of files, and engines of tests refresh all the time. On some disks a new
 * file takes a millisecond, which makes every file of tests several times as long.
 */
export function memoryFolder(): string | undefined {
  try {
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .find(([, folder]) => folder === FOLDER);
    if (!mount || mount[3]?.split(',').includes('noexec')) return undefined;
    const { bavail, bsize } = statfsSync(FOLDER);
    return bavail * bsize >= NEEDED_BYTES ? FOLDER : undefined;
  } catch {
    return undefined;
  }
}
