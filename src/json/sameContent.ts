// Compares the content of two documents. Layout does not count.
import { pathText } from './jsonPath.js';
import { comparableNumber, ExactDecimal } from './numbers.js';
import { parseDocument } from './parseDocument.js';

export interface Difference {
  /** For example `a.b[2]`. Empty for the whole document. */
  readonly path: string;
  /** JSON, cut at 200 characters. Undefined if the value is missing. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/**
 * Keys may be in any order. Numbers are compared by value (1 equals 1.0, but not "1"). `null` differs from a
 * missing key.
 */
export function sameContent(a: Buffer, b: Buffer): boolean {
  return a.equals(b) || sameValue(parseDocument(a, comparableNumber), parseDocument(b, comparableNumber));
}

/** @returns the innermost differences, at most `limit`, in the order of the first document */
export function differingPaths(a: Buffer, b: Buffer, limit: number): Difference[] {
  const differences: Difference[] = [];
  if (a.equals(b)) return differences;
  collect(parseDocument(a, comparableNumber), parseDocument(b, comparableNumber), [], limit, differences);
  return differences;
}

type JsonObject = Record<string, unknown>;

function isObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactDecimal)
  );
}

export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) && a.length === b.length && a.every((element, index) => sameValue(element, b[index]))
    );
  }
  if (isObject(a)) {
    if (!isObject(b)) return false;
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
    );
  }
  return a instanceof ExactDecimal && b instanceof ExactDecimal && a.text === b.text;
}

function collect(a: unknown, b: unknown, path: (string | number)[], limit: number, into: Difference[]): void {
  if (into.length >= limit || sameValue(a, b)) return;
  const steps = commonSteps(a, b);
  if (!steps) {
    into.push({ path: pathText(path), before: shorten(a), after: shorten(b) });
    return;
  }
  for (const step of steps) collect(memberOf(a, step), memberOf(b, step), [...path, step], limit, into);
}

function commonSteps(a: unknown, b: unknown): (string | number)[] | undefined {
  if (Array.isArray(a) && Array.isArray(b)) return [...(a.length > b.length ? a : b).keys()];
  if (isObject(a) && isObject(b)) return [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return undefined;
}

function memberOf(value: unknown, step: string | number): unknown {
  return Object.hasOwn(value as object, step) ? (value as JsonObject)[step] : undefined;
}

function shorten(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = value instanceof ExactDecimal ? value.text : JSON.stringify(value);
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
}
