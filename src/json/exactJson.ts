// JSON of users and engines (mappings, settings, aliases, `_meta`, the journal) as values and back, so that every number
// is printed as it was written: 9007199254740993, 1.0 and 1e3 included. JSON.parse and JSON.stringify can't do that.
import { parseExactly } from './exactParser.js';
import { ExactDecimal } from './numbers.js';

/** A number whose text JavaScript would change. */
export class ExactNumber extends ExactDecimal {
  /** JSON.stringify would print the nearest double. An error is better than a digit that is lost without notice. */
  toJSON(): never {
    throw new TypeError(`JSON.stringify would change the number ${this.text}: use printJson`);
  }
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export function isNumberText(text: string): boolean {
  return JSON_NUMBER.test(text);
}

/** The number of a JSON text: a plain one where JavaScript prints it as it is written. */
export function exactNumber(text: string): number | ExactNumber {
  const value = Number(text);
  return String(value) === text ? value : new ExactNumber(text);
}

/**
 * A number in a TypeScript or JavaScript index file that JavaScript can't write: `exact('1.0')`, `exact('1e3')`,
 * `exact('0.12345678901234567890')`. For long integers BigInt is shorter: `9007199254740993n`.
 * @param text as in JSON
 * @throws TypeError for a text that is no JSON number
 * @example
 * import { defineIndex, exact } from 'twindex';
 *
 * export default defineIndex({
 *   name: 'catalogue',
 *   version: 1,
 *   mappings: { _meta: { schema: exact('1.0'), owner: 9007199254740993n } },
 * });
 */
export function exact(text: string): number {
  if (typeof text !== 'string' || !isNumberText(text))
    throw new TypeError(
      `exact(): expected the text of a JSON number such as '1.0', found ${JSON.stringify(text)}`,
    );
  // For a type checker it is a number like any other; what it is made of concerns twindex alone.
  return exactNumber(text) as number;
}

/**
 * JSON.parse, with ExactNumber where a plain number would be printed differently.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  return parseExactly(text, exactNumber);
}

/** JSON.stringify, with every digit of BigInt and exact numbers. */
export function printJson(value: unknown, indent = 0): string {
  if (!holdsExact(value)) return JSON.stringify(value, undefined, indent);
  return print(value, indent, indent === 0 ? '' : '\n');
}

function holdsExact(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint';
  if (value instanceof ExactDecimal) return true;
  return Object.values(value).some(holdsExact);
}

/** @param line what a line begins with: a line feed and the spaces of the depth; empty: all in one line */
function print(value: unknown, indent: number, line: string): string {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof ExactDecimal) return value.text;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if ('toJSON' in value && typeof value.toJSON === 'function') return print(value.toJSON(), indent, line);
  const inner = line === '' ? '' : line + ' '.repeat(indent);
  const items = Array.isArray(value)
    ? value.map((item) => inner + print(item, indent, inner))
    : Object.entries(value)
        .filter(([, member]) => member !== undefined && typeof member !== 'function')
        .map(
          ([key, member]) =>
            `${inner}${JSON.stringify(key)}:${line === '' ? '' : ' '}${print(member, indent, inner)}`,
        );
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return items.length === 0 ? open + close : `${open}${items.join(',')}${line}${close}`;
}

/** The values of a module as those of a JSON file: BigInt and -0 as exact numbers. Everything else stays as it is. */
export function exactValues(value: unknown): unknown {
  if (typeof value === 'bigint') return exactNumber(String(value));
  if (Object.is(value, -0)) return new ExactNumber('-0');
  return mapped(value, exactValues);
}

/** Plain numbers, where nothing but their value counts: the keys of an index file that are twindex's own. */
export function plainValues(value: unknown): unknown {
  return value instanceof ExactDecimal ? Number(value.text) : mapped(value, plainValues);
}

function mapped(value: unknown, change: (member: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, change(member)]));
}

/** Also of another realm: modules are loaded into one of their own in some environments. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
