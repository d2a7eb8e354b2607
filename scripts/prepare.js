// npm runs this after `npm ci`, and before the first `npx twindex` in a checkout, whose output it hides. So nothing is
// built if dist/ is newer than src/, and a build is announced on the terminal itself.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** `npm run build` writes it last. */
const LAST_WRITTEN = 'dist/cli/main.js';
const INPUTS = ['src', 'tsconfig.json', 'tsconfig.build.json', 'package.json'];

/** @param {string} root a checkout @returns {boolean} true if the build is newer than everything that it is made of */
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

/** @param {string} line */
function say(line) {
  try {
    writeFileSync('/dev/tty', `${line}\n`);
  } catch {
    console.log(line); // there is no terminal, or this is Windows
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !isBuilt(ROOT)) {
  say(
    'twindex: dist/ is missing or older than src/, so it is built first (npm run build); this takes up to half a minute',
  );
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: ROOT,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exitCode = status ?? 1;
}
