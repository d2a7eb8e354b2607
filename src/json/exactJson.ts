// Parses and prints JSON of users and engines (mappings, settings, aliases, `_meta`, the journal). Unlike
// with JSON.parse and JSON.stringify, numbers such as 9007199254740993, 1.0 or 1e3 keep their text.
import { parseExactly } from './exactParser.js';
import { ExactDecimal } from './numbers.js';

/** A number that JavaScript would print with another text. */
export class ExactNumber extends ExactDecimal {
  /** Throws, since JSON.stringify would print the nearest double and lose digits without notice. */
  toJSON(): never {
    throw new TypeError(`JSON.stringify would change the number ${this.text}: use printJson`);
  }
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export function isNumberText(text: string): boolean {
  return JSON_NUMBER.test(text);
}

/** @returns a plain number if JavaScript prints it with the same text */
export function exactNumber(text: string): number | ExactNumber {
  const value = Number(text);
  return String(value) === text ? value : new ExactNumber(text);
}

/**
 * A number in a TypeScript or JavaScript index file that JavaScript can't write: `exact('1.0')`,
 * `exact('1e3')`, `exact('0.12345678901234567890')`. Long integers can be BigInt: `9007199254740993n`.
 * @param text as in JSON
 * @throws TypeError when the text is not a JSON number
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
  // Typed as a number, so that index files pass the type checker.
  return exactNumber(text) as number;
}

/** Numbers that JavaScript prints differently become ExactNumber. @throws SyntaxError */
export function parseJson(text: string): unknown {
  return parseExactly(text, exactNumber);
}

/** Like JSON.stringify, but with every digit of BigInt and exact numbers. */
export function printJson(value: unknown, indent = 0): string {
  if (!holdsExact(value)) return JSON.stringify(value, undefined, indent);
  return print(value, indent, indent === 0 ? '' : '\n');
}

function holdsExact(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint';
  if (value instanceof ExactDecimal) return true;
  return Object.values(value).some(holdsExact);
}

/** @param line how each line begins (a line feed and spaces); empty to print everything in one line */
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

/**
 * Converts a module's values to those that the same content in a JSON file would have: BigInt and -0 become
 * exact numbers.
 */
export function exactValues(value: unknown): unknown {
  if (typeof value === 'bigint') return exactNumber(String(value));
  if (Object.is(value, -0)) return new ExactNumber('-0');
  return mapped(value, exactValues);
}

/** Turns exact numbers into plain ones, for keys of an index file for which only the value counts. */
export function plainValues(value: unknown): unknown {
  return value instanceof ExactDecimal ? Number(value.text) : mapped(value, plainValues);
}

function mapped(value: unknown, change: (member: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, change(member)]));
}

/** Also accepts objects of another realm, since some environments load modules into a realm of their own. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
