// Reads secrets that are in a file, or are printed by a command. They can change at any time.
import { readFile, stat } from 'node:fs/promises';
import { messageOf, TwindexError } from '../errors.js';
import type { Auth, PlainAuth } from './nodeAddress.js';

const COMMAND_MS = 30_000;
const MAX_BYTES = 64 << 10;

export type SecretSource =
  | { readonly type: 'file'; readonly key: string; readonly file: string }
  | { readonly type: 'command'; readonly key: string; readonly command: string };

type Secret = 'password' | 'apiKey' | 'bearer';
const SECRETS: readonly Secret[] = ['password', 'apiKey', 'bearer'];

/** @returns where to read the secret; undefined if it is in the options */
export function secretSourceOf(auth: Auth): SecretSource | undefined {
  const given = auth as Readonly<Record<string, string | undefined>>;
  for (const secret of SECRETS) {
    const [file, command] = [given[`${secret}File`], given[`${secret}Command`]];
    if (file !== undefined) return { type: 'file', key: `${secret}File`, file };
    if (command !== undefined) return { type: 'command', key: `${secret}Command`, command };
  }
  return undefined;
}

export function withSecret(auth: Auth, { key }: SecretSource, value: string): PlainAuth {
  const secret = key.replace(/File$|Command$/, '');
  return (
    'username' in auth ? { username: auth.username, [secret]: value } : { [secret]: value }
  ) as PlainAuth;
}

/**
 * @param origin the option with the credentials, for errors
 * @throws TwindexError `config_invalid`. Errors never contain the output of a command, since it may be a part
 * of a secret
 */
export async function readSecret(source: SecretSource, origin: string): Promise<string> {
  const text = source.type === 'file' ? await contentOf(source, origin) : await outputOf(source, origin);
  const secret = text.replace(/[\r\n]+$/, '');
  if (secret === '' || /[\r\n]/.test(secret)) {
    const what = source.type === 'file' ? `${source.file} has` : 'the command printed';
    const found = secret === '' ? 'nothing' : 'more than one line';
    throw new TwindexError(
      'config_invalid',
      `${origin}: ${source.key}: expected one line, but ${what} ${found}`,
    );
  }
  return secret;
}

/** @returns a text that changes with the content of the file; undefined for a command or a missing file */
export async function versionOf(source: SecretSource): Promise<string | undefined> {
  if (source.type === 'command') return undefined;
  return await stat(source.file).then(
    ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
    () => undefined,
  );
}

async function contentOf({ key, file }: SecretSource & { type: 'file' }, origin: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new TwindexError('config_invalid', `${origin}: ${key}: cannot read ${file} (${messageOf(error)})`);
  }
}

async function outputOf(
  { key, command }: SecretSource & { type: 'command' },
  origin: string,
): Promise<string> {
  // these modules are loaded only here, since few configurations get a secret from a command
  const [{ exec }, { promisify }] = await Promise.all([import('node:child_process'), import('node:util')]);
  try {
    const { stdout } = await promisify(exec)(command, { timeout: COMMAND_MS, maxBuffer: MAX_BYTES });
    return stdout;
  } catch (error) {
    const { code, killed } = error as { readonly code?: number | string; readonly killed?: boolean };
    const why = killed ? `was stopped after ${COMMAND_MS / 1_000} s` : `ended with ${code}`;
    // without `cause`, since the message of `error` contains the command and everything that it has printed
    throw new TwindexError('config_invalid', `${origin}: ${key}: the command ${why}`, {
      hint: 'Run it in a shell of the same user. It has to print the secret, and nothing else, to its standard output.',
    });
  }
}
