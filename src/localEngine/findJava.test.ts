import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findJava, parseMajor } from './findJava.js';

const NEW = { min: 21, max: undefined };
const OLD = { min: 17, max: 23 };
let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'twindex-java-')));
  await chmod(folder, 0o755);
});

afterEach(() => rm(folder, { recursive: true }));

/** Makes a folder that looks like a JDK. Its program only runs if there is no release file. */
async function jdk(name: string, version: string, { release = true } = {}): Promise<string> {
  const home = join(folder, name);
  await mkdir(join(home, 'bin'), { recursive: true });
  const answer = release ? 'exit 1' : `echo 'openjdk version "${version}" 2025-04-15' >&2`;
  await writeFile(join(home, 'bin/java'), `#!/bin/sh\n${answer}\n`, { mode: 0o755 });
  if (release) await writeFile(join(home, 'release'), `IMPLEMENTOR="x"\nJAVA_VERSION="${version}"\n`);
  return home;
}

test('an old Java in JAVA_HOME and on the PATH does not hide a newer one beside it', async () => {
  const old = await jdk('jvm/java-17', '17.0.15');
  const young = await jdk('jvm/temurin-25', '25.0.3');
  const places = { env: { JAVA_HOME: old, PATH: join(old, 'bin') }, folders: [join(folder, 'jvm')] };
  expect(findJava(NEW, places)).toEqual({ type: 'found', java: { home: young, major: 25 } });
  expect(findJava(OLD, places)).toEqual({ type: 'found', java: { home: old, major: 17 } });
});

test('OPENSEARCH_JAVA_HOME comes before ES_JAVA_HOME, JAVA_HOME, the PATH and the folders', async () => {
  const homes: string[] = [];
  for (const name of ['opensearch', 'es', 'plain', 'path', 'jvm/any']) homes.push(await jdk(name, '21.0.1'));
  const [OPENSEARCH_JAVA_HOME, ES_JAVA_HOME, JAVA_HOME, path] = homes;
  const env: Record<string, string | undefined> = {
    OPENSEARCH_JAVA_HOME,
    ES_JAVA_HOME,
    JAVA_HOME,
    PATH: `/nowhere:${path}/bin`,
  };
  for (const [index, home] of homes.entries()) {
    const places = { env, folders: [join(folder, 'jvm')] };
    expect(findJava(NEW, places)).toEqual({ type: 'found', java: { home, major: 21 } });
    delete env[['OPENSEARCH_JAVA_HOME', 'ES_JAVA_HOME', 'JAVA_HOME', 'PATH'][index] ?? ''];
  }
});

test('a program on the PATH is followed through its links to its JDK', async () => {
  const home = await jdk('real', '21.0.1');
  await mkdir(join(folder, 'bin'));
  await symlink(join(home, 'bin/java'), join(folder, 'bin/java'));
  expect(findJava(NEW, { env: { PATH: join(folder, 'bin') }, folders: [] })).toEqual({
    type: 'found',
    java: { home, major: 21 },
  });
});

test('a JDK without a release file is asked for its version', async () => {
  const home = await jdk('jvm/plain', '23.0.1', { release: false });
  expect(findJava(NEW, { env: {}, folders: [join(folder, 'jvm')] })).toEqual({
    type: 'found',
    java: { home, major: 23 },
  });
});

test('the bundles of macOS are found', async () => {
  const home = await jdk('machines/temurin-21.jdk/Contents/Home', '21.0.1');
  expect(findJava(NEW, { env: {}, folders: [join(folder, 'machines')] })).toEqual({
    type: 'found',
    java: { home, major: 21 },
  });
});

test('unsuitable JDKs are reported, each once', async () => {
  const eight = await jdk('jvm/eight', '1.8.0_292');
  const young = await jdk('jvm/young', '25');
  const places = { env: { JAVA_HOME: eight }, folders: ['/nowhere', join(folder, 'jvm')] };
  expect(findJava(OLD, places)).toEqual({
    type: 'none',
    seen: [
      { home: eight, major: 8 },
      { home: young, major: 25 },
    ],
  });
});

test.runIf(process.getuid?.() === 0)(
  'for root, a JDK that the engine’s user cannot read does not suit',
  async () => {
    const home = await jdk('private/java', '25');
    await chmod(join(folder, 'private'), 0o700);
    expect(findJava(NEW, { env: { JAVA_HOME: home }, folders: [] })).toEqual({
      type: 'none',
      seen: [{ home, major: 25 }],
    });
  },
);

test.each([
  ['JAVA_VERSION="17.0.15"', 17],
  ['openjdk version "25.0.3" 2026-04-15', 25],
  ['java version "1.8.0_292"', 8],
  ['JAVA_VERSION="26-ea"', 26],
  ['no such thing', undefined],
])('%s is Java %s', (text, major) => {
  expect(parseMajor(text)).toBe(major);
});
