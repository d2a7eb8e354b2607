// Parses and prints documents for transforms. Parts that a transform does not change are kept without loss.
import { types } from 'node:util';
import { TwindexError } from '../errors.js';
import type { Source } from './jsonTypes.js';
import { pathText } from './jsonPath.js';
import { ExactDecimal, sourceNumber } from './numbers.js';
import { parseDocument } from './parseDocument.js';

export { differingPaths, sameContent } from './sameContent.js';

/**
 * Integers that a double can't hold become BigInt, other such numbers ExactDecimal. If a key is repeated
 * (only in very old indexes), the last value counts, as in JSON.parse.
 */
export function parseSource(bytes: Buffer): Source {
  return parseDocument(bytes, sourceNumber) as Source;
}

/** Deeper than any document that the engines accept. A value that is deeper probably refers to itself. */
const MAX_DEPTH = 2_000;

/**
 * Like JSON.stringify, but BigInt and ExactDecimal keep their digits. Values that JSON.stringify would turn
 * into `null` or `{}` are errors: NaN, Infinity, functions, symbols, Map, Set.
 * @throws TwindexError `rejected`, with the path of the value that can't be printed
 */
export function printSource(source: Source): Buffer {
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    throw new TwindexError('rejected', `a document must be an object; this is ${describe(source)}`);
  }
  const plain = isPlain(source, [], 0);
  return Buffer.from(plain ? JSON.stringify(source) : printExactly(source));
}

/** Whether JSON.stringify prints the value without loss. */
function isPlain(value: unknown, path: (string | number)[], depth: number): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || value === undefined)
    return true;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw unprintable(String(value), path);
    return value !== 0 || !Object.is(value, -0);
  }
  if (typeof value === 'bigint') return false;
  if (typeof value !== 'object') throw unprintable(`a ${typeof value}`, path);
  if (value instanceof ExactDecimal) return false;
  if (value instanceof Map || value instanceof Set) throw unprintable(`a ${value.constructor.name}`, path);
  if (value instanceof Date && Number.isNaN(value.getTime())) throw unprintable('an invalid Date', path);
  if (depth > MAX_DEPTH)
    throw unprintable('a value that refers to itself, or is nested too deep', path.slice(0, 5));
  let plain = true;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      path.push(index);
      plain = isPlain(value[index], path, depth + 1) && plain;
      path.pop();
    }
  } else if (hasToJson(value)) {
    plain = isPlain(value.toJSON(), path, depth + 1);
  } else {
    for (const key of Object.keys(value)) {
      path.push(key);
      plain = isPlain((value as Source)[key], path, depth + 1) && plain;
      path.pop();
    }
  }
  return plain;
}

function describe(value: unknown): string {
  return Array.isArray(value) ? 'an array' : String(value);
}

function unprintable(what: string, path: readonly (string | number)[]): TwindexError {
  const where = path.length === 0 ? 'the document' : pathText(path);
  return new TwindexError('rejected', `${where} is ${what}, which can't be written as JSON`);
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function numberText(number: number | bigint | ExactDecimal): string {
  return Object.is(number, -0) ? '-0' : String(number);
}

function printExactly(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof ExactDecimal)
    return numberText(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  // structuredClone turns an ExactDecimal into a boxed number, which has no exact text any more.
  if (types.isBoxedPrimitive(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(printExactly).join(',')}]`;
  if (hasToJson(value)) return printExactly(value.toJSON());
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key)}:${printExactly(member)}`);
  return `{${members.join(',')}}`;
}
