// Finds a JDK that an engine can run on: in the usual variables, in PATH, and in the system's usual folders.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { isReadableByOthers, runsAsRoot } from './engineUser.js';
import type { JavaRange } from './spec.js';

export interface Java {
  readonly home: string;
  readonly major: number;
}

export type JavaSearch =
  | { readonly type: 'found'; readonly java: Java }
  /** `seen`: JDKs that are too old, too new, or not readable for the user who runs the engine. */
  | { readonly type: 'none'; readonly seen: readonly Java[] };

export interface SearchPlaces {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folders that are a JDK or contain JDKs, in the order of the search. */
  readonly folders: readonly string[];
}

const VARIABLES = ['OPENSEARCH_JAVA_HOME', 'ES_JAVA_HOME', 'JAVA_HOME'];

export function findJava(range: JavaRange, places: SearchPlaces = usualPlaces()): JavaSearch {
  const seen: Java[] = [];
  for (const home of new Set(homesIn(places))) {
    const major = majorOf(home);
    if (major === undefined) continue;
    const suits = major >= range.min && major <= (range.max ?? Number.POSITIVE_INFINITY);
    if (suits && (!runsAsRoot() || isReadableByOthers(home))) return { type: 'found', java: { home, major } };
    seen.push({ home, major });
  }
  return { type: 'none', seen };
}

function usualPlaces(): SearchPlaces {
  return {
    env: process.env,
    folders: [
      '/usr/lib/jvm',
      '/usr/java',
      '/opt',
      '/opt/java',
      '/Library/Java/JavaVirtualMachines',
      join(homedir(), 'Library/Java/JavaVirtualMachines'),
      '/opt/homebrew/opt',
      '/usr/local/opt',
      join(homedir(), '.sdkman/candidates/java'),
      join(homedir(), '.jdks'),
    ],
  };
}

function* homesIn({ env, folders }: SearchPlaces): Generator<string> {
  for (const name of VARIABLES) {
    const home = asHome(env[name]);
    if (home) yield home;
  }
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const home = folder && existsSync(join(folder, 'java')) ? homeOfProgram(join(folder, 'java')) : undefined;
    if (home) yield home;
  }
  for (const folder of folders) {
    for (const name of ['.', ...namesIn(folder)]) {
      const home = asHome(join(folder, name)) ?? asHome(join(folder, name, 'Contents/Home'));
      if (home) yield home;
    }
  }
}

function asHome(folder: string | undefined): string | undefined {
  return folder && existsSync(join(folder, 'bin/java')) ? realpathSync(folder) : undefined;
}

/**
 * Follows links from `/usr/bin/java` to a JDK. Wrapper scripts of asdf, jenv or pyenv are not links, so no
 * JDK is found through them.
 */
function homeOfProgram(program: string): string | undefined {
  return asHome(dirname(dirname(realpathSync(program))));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function majorOf(home: string): number | undefined {
  return parseMajor(releaseText(home)) ?? parseMajor(versionText(home));
}

function releaseText(home: string): string {
  try {
    return readFileSync(join(home, 'release'), 'utf8');
  } catch {
    return '';
  }
}

function versionText(home: string): string {
  const { stdout, stderr } = spawnSync(join(home, 'bin/java'), ['-version'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return `${stdout ?? ''}${stderr ?? ''}`;
}

/** Finds the major version in a `release` file or in the output of `java -version`: 8 for `1.8.0_292`. */
export function parseMajor(text: string): number | undefined {
  const match = /(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)/.exec(text);
  return match ? Number(match[1]) : undefined;
}
