// Reads and writes twindex.lock, which has the last released version, settings and mappings of each index. It is
// committed to git, so that `twindex lint` can compare index files with it without a cluster.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { isTwindexError, messageOf, TwindexError } from '../../errors.js';
import { parseJson, printJson } from '../../json/exactJson.js';
import { isObject, sorted } from '../../json/plain.js';
import type { Json, JsonObject } from '../../json/jsonTypes.js';
import { declaredSettings } from '../../schema/normaliseSettings.js';
import type { IndexDefinition } from '../../schema/types.js';
import { canonicalJson } from '../fingerprint.js';

const FORMAT = 'twindex-lock-1';
export const LOCK_NAME = 'twindex.lock';

/** The parts of an index file that are compared. For the file of a family, the name is its pattern. */
export type Linted = Pick<
  IndexDefinition,
  'name' | 'version' | 'aliases' | 'settings' | 'mappings' | 'undeclaredFields' | 'migrations' | 'file'
>;

export interface Released {
  readonly version: number;
  readonly aliases: IndexDefinition['aliases'];
  /** The settings by full name, such as `index.number_of_shards`. */
  readonly settings: JsonObject;
  readonly mappings: JsonObject;
  /** For each version: a hash of the transform that leads to it. */
  readonly migrations: Readonly<Record<string, string>>;
}

/** The last release of each index, by the name of the index. */
export type Lock = Readonly<Record<string, Released>>;

export function releasedOf({ version, aliases, settings, mappings, migrations }: Linted): Released {
  return {
    version,
    aliases: { read: aliases.read, write: aliases.write },
    settings: inOrder(declaredSettings(settings)) as JsonObject,
    mappings: inOrder(mappings) as JsonObject,
    migrations: Object.fromEntries(Object.entries(migrations).map(([to, step]) => [to, hashOf(step)])),
  };
}

/**
 * A function is hashed by its source text. Each run of white space counts as one blank, so that the layout
 * has no effect.
 */
function hashOf(step: unknown): string {
  const text = canonicalJson(step).replaceAll(/(?:\\[nrt]|\s)+/g, ' ');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Sorts the keys of all objects, so that a diff of the file shows only real changes. */
function inOrder(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => inOrder(item));
  if (!isObject(value)) return value;
  return sorted(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inOrder(part)])));
}

/** @returns undefined if there is no such file @throws TwindexError `config_invalid` if it is no lock file */
export async function readLock(file: string): Promise<Lock | undefined> {
  try {
    return parsed(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (isTwindexError(error)) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new TwindexError('config_invalid', `${file} can't be read: ${messageOf(error)}`);
  }
}

function parsed(text: string, file: string): Lock {
  const content = contentOf(text);
  if (isObject(content) && content['format'] === FORMAT && isObject(content['indexes']))
    return content['indexes'] as unknown as Lock;
  const advice = text.includes('<<<<<<<')
    ? 'It has a merge conflict: take either side, then run: twindex lint --write'
    : 'Restore it from git. Or, if everything is released, delete it, then run: twindex lint --write';
  throw new TwindexError(
    'config_invalid',
    `${file} is not a lock file of this version of twindex. ${advice}`,
  );
}

function contentOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** @throws TwindexError `usage` if the file cannot be written */
export async function writeLock(file: string, lock: Lock): Promise<void> {
  const about =
    'Written by `twindex lint --write`: the schema of each index as it was released last. Commit this file.';
  const indexes = Object.fromEntries(Object.entries(lock).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(file, `${printJson({ format: FORMAT, about, indexes }, 2)}\n`).catch((error: unknown) => {
    throw new TwindexError('usage', `--write: cannot write ${file} (${messageOf(error)})`);
  });
}
