// The package as npm publishes it. `npm run build` has to have run, as for all tests that start the command line.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const execute = promisify(execFile);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** An empty folder, in which the packed package is installed. */
let folder: string;
let installed: string;
let manifest: Manifest;

/** npm of a user, not of the `npm test` around this test. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

async function inFolder(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute(command, args, { cwd: folder, env });
  return stdout;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twindex-package-'));
  manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  const quiet = ['--silent', '--no-audit', '--no-fund'];
  await execute('npm', ['pack', '--ignore-scripts', ...quiet, '--pack-destination', folder], {
    cwd: ROOT,
    env,
  });
  // The dependencies come from this checkout, so that nothing is downloaded. Their scripts are for their developers.
  const links = Object.keys(manifest.dependencies).map((name) => [
    name,
    `file:${join(ROOT, 'node_modules', name)}`,
  ]);
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies: Object.fromEntries(links) }),
  );
  const tarball = `./${manifest.name}-${manifest.version}.tgz`;
  await inFolder(
    'npm',
    'install',
    '--save-dev',
    '--offline',
    '--ignore-scripts',
    '--install-links=false',
    ...quiet,
    tarball,
  );
  installed = join(folder, 'node_modules', manifest.name);
}, 60_000);

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('the package', () => {
  test('runs nothing when it is installed', () => {
    const scripts = Object.keys(manifest.scripts);
    expect(scripts.filter((name) => /^(pre|post)?(install|prepare)$/.test(name))).toEqual([]);
  });

  test('says where it comes from', () => {
    expect(manifest).toMatchObject({
      homepage: expect.stringMatching(/^https:/),
      repository: { type: 'git', url: expect.stringMatching(/^git\+https:/) },
      bugs: { url: expect.stringMatching(/^https:/) },
    });
  });

  test('has every file that its pages link to', async () => {
    const pages = (await readdir(installed, { recursive: true })).filter((file) => file.endsWith('.md'));
    expect(pages.length).toBeGreaterThan(10);
    const dead: string[] = [];
    for (const page of pages)
      for (const link of relativeLinks(await readFile(join(installed, page), 'utf8')))
        if (!existsSync(join(installed, normalize(join(dirname(page), link))))) dead.push(`${page}: ${link}`);
    expect(dead).toEqual([]);
  });

  test('has the pages of the documentation, and not the configuration of the site', async () => {
    const docs = await readdir(join(installed, 'docs'));
    expect(docs).toContain('tutorial.md');
    expect(docs).not.toContain('.vitepress');
  });

  test('has the licences of the packages whose code it contains', async () => {
    const text = await readFile(join(installed, 'dist/cli/chunks/LICENSES.txt'), 'utf8');
    for (const name of ['commander', 'undici', 'zod']) expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
  });

  test('has no tests, but the example of one', async () => {
    const files = await readdir(installed, { recursive: true });
    expect(files.filter((file) => file.includes('.test.ts'))).toEqual(['examples/api/books.test.ts']);
  });

  test('`npx twindex` works, and hints name it', async () => {
    expect(await inFolder('npx', 'twindex', '--help')).toContain('Usage: npx twindex');
    expect(await inFolder('npx', 'twindex', 'version')).toContain(`twindex   ${manifest.version}`);
    expect(await inFolder('npx', 'twindex', 'complete', '--', 'pla')).toMatch(/^plan\t/);
  });

  test('can be imported', async () => {
    const script = "import('twindex').then((all) => console.log(Object.keys(all).sort().join(' ')))";
    expect(await inFolder(process.execPath, '-e', script)).toContain('defineConfig defineIndex');
  });
});

/** Links in prose, without the part after #. */
function relativeLinks(markdown: string): string[] {
  return [...markdown.replaceAll(/```[^]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link.replace(/#.*/, ''))
    .filter((link) => link !== '' && !/^[a-z]+:/.test(link));
}
