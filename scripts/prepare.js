// Builds dist/ if it is missing or older than its sources. npm runs this file after `npm ci` and before it packs, and
// bin/twindex.js runs it in a checkout without dist/. In package.json it is the script `prepublish`, not `prepare`: npm
// shows a warning when somebody installs a package that has a script `prepare`.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The file that `npm run build` writes last. */
const LAST_WRITTEN = 'dist/cli/main.js';
const INPUTS = ['src', 'dashboard', 'tsconfig.json', 'tsconfig.build.json', 'package.json'];

/** @param {string} root a checkout @returns {boolean} true if the build is newer than all of its sources */
export function isBuilt(root) {
  const built = statSync(join(root, LAST_WRITTEN), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return INPUTS.every((input) => newest(join(root, input)) < built);
}

/** @param {string} path @returns {number} the latest time of change below `path`, in ms */
function newest(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Prints to stderr, because a program may read the stdout of the command that waits for the build. */
export function build() {
  console.error('twindex: dist/ is built first (npm run build). This takes up to half a minute.');
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: ROOT,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !isBuilt(ROOT)) build();
