import { chmod, mkdir, mkdtemp, readdir, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { obtainDistribution } from './distribution.js';
import { parseSpec } from './spec.js';

let folder: string;
let notes: string[];

const obtain = (spec: string) =>
  obtainDistribution({
    spec: parseSpec(spec),
    java: { home: '/nowhere', major: 25 },
    signal: undefined,
    onNote: (text) => notes.push(text),
  });

beforeEach(async () => {
  notes = [];
  folder = await realpath(await mkdtemp(join(tmpdir(), 'twindex-cache-')));
  await chmod(folder, 0o755);
  vi.stubEnv('TWINDEX_CACHE', join(folder, 'cache'));
  vi.stubEnv('PATH', folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test('a distribution in the cache is used unchanged', async () => {
  const home = join(folder, 'cache/opensearch-3.8.0');
  await mkdir(home, { recursive: true });
  expect(await obtain('opensearch@3.8.0')).toEqual({ type: 'ready', home });
  expect(notes).toEqual([]);
});

test('a build with added modules has its own folder', async () => {
  const home = join(folder, 'cache/opensearch-2.19.5-with-modules');
  await mkdir(home, { recursive: true });
  expect(await obtain('opensearch@2.19.5')).toEqual({ type: 'ready', home });
});

test('without Maven nothing can be fetched, and nothing is left in the cache', async () => {
  expect(await obtain('elasticsearch@9.2.0')).toEqual({
    type: 'not-fetched',
    reason: "elasticsearch 9.2.0 can't be fetched: there is no mvn on the PATH",
  });
  expect(await readdir(join(folder, 'cache'))).toEqual([]);
});

test('the error message of Maven is passed on', async () => {
  const script = '#!/bin/sh\necho "[INFO] scanning"\necho "[ERROR] no such artifact"\nexit 1\n';
  await writeFile(join(folder, 'mvn'), script, { mode: 0o755 });
  expect(await obtain('opensearch@3.99.0')).toEqual({
    type: 'not-fetched',
    reason:
      'Maven could not fetch org.opensearch.distribution.integ-test-zip:opensearch:3.99.0:zip: [ERROR] no such artifact',
  });
});

test('Maven has to refuse artifacts with a wrong checksum, or without one', async () => {
  const script =
    '#!/bin/sh\nfor word; do [ "$word" = --strict-checksums ] && { echo "[ERROR] Checksum validation failed"; exit 1; }; done\nexit 0\n';
  await writeFile(join(folder, 'mvn'), script, { mode: 0o755 });
  expect(await obtain('opensearch@3.99.0')).toEqual({
    type: 'not-fetched',
    reason: expect.stringContaining('Checksum validation failed'),
  });
});

test('a mirror without checksums is enough for a file whose checksum is known here, which is then compared', async () => {
  const script =
    '#!/bin/sh\nfor word; do case "$word" in --strict-checksums) exit 1;; -DoutputDirectory=*) printf other > "${word#*=}/opensearch-3.8.0.zip";; esac; done\n';
  await writeFile(join(folder, 'mvn'), script, { mode: 0o755 });
  await expect(obtain('opensearch@3.8.0')).rejects.toThrow('is not the file that was published');
});

test.each(['opensearch@3.8.0', 'elasticsearch@9.2.0'])(
  'another file in the place of %s is not used, and nothing of it is left',
  async (spec) => {
    const zip = `${spec.replace('@', '-')}.zip`;
    const script = `#!/bin/sh\nfor word; do case "$word" in -DoutputDirectory=*) printf other > "\${word#*=}/${zip}";; esac; done\n`;
    await writeFile(join(folder, 'mvn'), script, { mode: 0o755 });
    await expect(obtain(spec)).rejects.toMatchObject({
      code: 'unsafe',
      message: expect.stringContaining(
        // the SHA-256 of `other`
        'its SHA-256 is d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa',
      ),
    });
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  },
);

test('the remains of a killed process are removed, folders that are being unpacked are not', async () => {
  const old = join(folder, 'cache/.unpacking-old');
  await mkdir(old, { recursive: true });
  await mkdir(join(folder, 'cache/.unpacking-now'));
  await utimes(old, new Date(0), new Date(0));
  await obtain('elasticsearch@9.2.0');
  expect(await readdir(join(folder, 'cache'))).toEqual(['.unpacking-now']);
});

test.runIf(process.getuid?.() === 0)(
  'for root, a cache that the engine’s user cannot read is refused',
  async () => {
    await chmod(folder, 0o700);
    await expect(obtain('opensearch@3.8.0')).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(`the cache folder ${folder}/cache can't be read by other users`),
    });
  },
);
