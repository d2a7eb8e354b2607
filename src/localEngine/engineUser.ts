// Engines refuse to run as root. So root starts them as `nobody`, who must be able to read their files.
import { spawnSync } from 'node:child_process';
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { chmod, lchown, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TwindexError } from '../errors.js';

export interface EngineUser {
  readonly uid: number;
  readonly gid: number;
}

export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/** @returns undefined for the current user */
export function engineUser(): EngineUser | undefined {
  if (!runsAsRoot()) return undefined;
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const { status, stdout } = spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : Number.NaN;
  }) as [number, number];
  if (Number.isInteger(uid) && Number.isInteger(gid)) return { uid, gid };
  throw new TwindexError(
    'local_engine',
    'engines refuse to run as root, and there is no user "nobody" to start one as. Run the command as another user, or set TWINDEX_URL to a running cluster.',
  );
}

/** True if every user can read the file or folder, and enter all folders above it. */
export function isReadableByOthers(path: string): boolean {
  for (let at = realpathSync(path); ; at = dirname(at)) {
    const stat = statSync(at);
    const need = stat.isDirectory() ? 0o005 : 0o004;
    // the folders above need only the execute bit
    const enough = at === realpathSync(path) ? need : 0o001;
    if ((stat.mode & enough) !== enough) return false;
    if (at === dirname(at)) return true;
  }
}

export async function giveTo(user: EngineUser | undefined, folder: string): Promise<void> {
  if (!user) return;
  await forEachIn(folder, (path) => lchown(path, user.uid, user.gid));
}

/** Makes a folder and everything in it readable for every user, and writable only for the owner. */
export async function makeReadable(folder: string, isProgram: (path: string) => boolean): Promise<void> {
  await forEachIn(folder, async (path) => {
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) return;
    await chmod(path, stat.isDirectory() || isProgram(path) ? 0o755 : 0o644);
  });
}

async function forEachIn(folder: string, act: (path: string) => Promise<void>): Promise<void> {
  await act(folder);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    await act(join(entry.parentPath, entry.name));
  }
}
