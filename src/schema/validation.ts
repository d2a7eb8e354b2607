// Formats errors of zod and of twindex as lines with the place, the expected value and the found value.
import type { z } from 'zod';
import { TwindexError } from '../errors.js';
import { ExactDecimal } from '../json/numbers.js';
import { isObject } from '../json/plain.js';
import { nearest } from './nearestName.js';

/** For example `indexes/a.yaml: version: expected ..., found ...`. */
export type Problem = string;

export function throwProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new TwindexError('config_invalid', problems.join('\n'));
}

export interface Input {
  readonly file: string;
  readonly value: unknown;
}

/** Adds the found values to zod's messages, and hides secrets in these values. */
export function problemsOf(error: z.ZodError, input: Input): Problem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') {
      return [problem(input, issue.path, issue.message)];
    }
    const known = issue.message.split(' ');
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      const advice = meant === undefined ? `known here: ${known.join(', ')}` : `did you mean ${meant}?`;
      return `${input.file}: ${pathText([...issue.path, key])}: unknown key; ${advice}`;
    });
  });
}

export function problem(input: Input, path: readonly PropertyKey[], expected: string): Problem {
  const where = path.length === 0 ? '' : ` ${pathText(path)}:`;
  return `${input.file}:${where} expected ${expected}, found ${foundAt(input.value, path)}`;
}

/** For example `indexes[0]`, `mappings.properties["a.b"].type`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key);
    if (!/^[\w$-]+$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

function foundAt(value: unknown, path: readonly PropertyKey[]): string {
  let current = value;
  for (const key of path) {
    current = typeof current === 'object' && current !== null ? Reflect.get(current, key) : undefined;
  }
  return describe(current, path);
}

/** Describes a value briefly: a possible secret only by its type, an address without its credentials. */
function describe(value: unknown, path: readonly PropertyKey[] = []): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'function':
      return 'a function';
    case 'string':
      return SECRET.includes(path[0]) ? describeSecret(value, path) : JSON.stringify(short(value));
    case 'number':
    case 'boolean':
    case 'bigint':
      return isAuth(path) ? `a ${typeof value}` : String(value);
    case 'object':
      if (value === null) return 'null';
      if (value instanceof ExactDecimal) return short(value.text);
      if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
      if (isAuth(path)) return `{ ${Object.keys(value).join(', ')} }`;
      return isObject(value) ? 'an object' : `an instance of ${value.constructor?.name ?? 'a class'}`;
    default:
      return `a ${typeof value}`;
  }
}

/** Below these keys, values may contain passwords. */
const SECRET: readonly (PropertyKey | undefined)[] = ['cluster', 'source', 'hooks', 'notify'];

const isConnection = (path: readonly PropertyKey[]): boolean => path[0] === 'cluster' || path[0] === 'source';
const isAuth = (path: readonly PropertyKey[]): boolean =>
  isConnection(path) && (path[1] === 'auth' || path[1] === 'keyPassphrase');

function describeSecret(value: string, path: readonly PropertyKey[]): string {
  const shown = isConnection(path) && path.length > 1 && !isAuth(path);
  if (!shown) return value === '' ? 'an empty text' : 'a text';
  return JSON.stringify(short(withoutSecrets(value)));
}

/** `https://user:p@ss@host/path?apikey=x` -> `https://***@host/path?***`; also without a scheme. */
export function withoutSecrets(url: string): string {
  return url.replace(/^([a-z][\w+.-]*:\/\/)?.*@/is, '$1***@').replace(/([?#]).+$/s, '$1***');
}

function short(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
