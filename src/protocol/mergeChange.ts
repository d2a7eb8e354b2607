// Applies the difference between two documents to a third document. Pure.
import { isObject, setKey } from '../json/plain.js';
import type { JsonObject } from '../json/jsonTypes.js';
import { parseExactly } from '../json/exactParser.js';
import { printSource } from '../json/json.js';
import { blankLayout } from '../json/layout.js';
import { comparableNumber, ExactDecimal } from '../json/numbers.js';

/**
 * Objects are compared member by member. Any other value, including an array, is compared as a whole. An
 * object that `after` lacks is removed completely. Numbers are compared by value and keep all digits.
 * @throws SyntaxError if one of the three is not a JSON object
 */
export function mergeChange(before: Buffer, after: Buffer, other: Buffer): Buffer {
  const [from, to] = [parseWritten(before), parseWritten(after)];
  return same(from, to) ? other : printSource(merge(from, to, parseWritten(other)));
}

function merge(from: JsonObject, to: JsonObject, other: JsonObject): JsonObject {
  const merged = {};
  for (const [key, mine] of Object.entries(other)) {
    const [was, is] = [memberOf(from, key), memberOf(to, key)];
    if (same(was, is)) setKey(merged, key, mine);
    else if (is !== undefined)
      setKey(
        merged,
        key,
        isObject(is) && isObject(mine) && isObject(was ?? {})
          ? merge((was ?? {}) as JsonObject, is, mine)
          : (is as never),
      );
  }
  for (const [key, is] of Object.entries(to))
    if (!Object.hasOwn(other, key) && !same(memberOf(from, key), is)) setKey(merged, key, is);
  return merged;
}

function memberOf(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof ExactDecimal)
    return b instanceof ExactDecimal && (a.text === b.text || valueOf(a) === valueOf(b));
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((element, n) => same(element, b[n]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
  );
}

const valueOf = ({ text }: ExactDecimal): string => String(comparableNumber(text));

/** Keeps each number as it is written: 1.0 does not become 1. */
function parseWritten(bytes: Buffer): JsonObject {
  const plain = Buffer.from(bytes);
  blankLayout(plain);
  const value = parseExactly(plain.toString(), (text) => new ExactDecimal(text));
  if (!isObject(value)) throw new SyntaxError('a document must be a JSON object');
  return value;
}
