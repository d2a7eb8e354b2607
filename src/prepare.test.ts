import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const { isBuilt } = (await import(new URL('../scripts/prepare.js', import.meta.url).href)) as {
  isBuilt: (root: string) => boolean;
};

/** @param times of the files' last changes, in seconds; a file without a time does not exist */
async function checkout(times: Readonly<Record<string, number>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'twindex-prepare-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const inputs = {
    'dashboard/index.html': 1,
    'tsconfig.json': 1,
    'tsconfig.build.json': 1,
    'package.json': 1,
  };
  for (const [name, time] of Object.entries({ ...inputs, ...times })) {
    const file = join(root, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '');
    await utimes(file, time, time);
  }
  for (const folder of ['src', 'dashboard']) await utimes(join(root, folder), 1, 1);
  return root;
}

test.each([
  ['nothing is built if dist/ is newer than src/', { 'src/a.ts': 10, 'dist/cli/main.js': 11 }, true],
  ['dist/ is missing', { 'src/a.ts': 10 }, false],
  ['a source is newer', { 'src/a.ts': 12, 'dist/cli/main.js': 11 }, false],
  [
    'the page of the dashboard is newer',
    { 'src/a.ts': 10, 'dashboard/index.html': 12, 'dist/cli/main.js': 11 },
    false,
  ],
  ['package.json is newer', { 'src/a.ts': 10, 'package.json': 12, 'dist/cli/main.js': 11 }, false],
] as const)('%s', async (_, times, expected) => {
  expect(isBuilt(await checkout(times))).toBe(expected);
});
