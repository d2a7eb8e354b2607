// Recognises and compares plain JSON values, and sorts their keys.
import { isDeepStrictEqual } from 'node:util';
import { printJson } from './exactJson.js';
import { isNumber, javaText, numberText } from './engineNumbers.js';
import type { Json, JsonObject } from './jsonTypes.js';

/** False for an array, a Date, or an instance of a class. */
export function isObject(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Numbers are compared by their text. The order of keys does not count. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  return isDeepStrictEqual(a, b);
}

export function objectAt(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

export type Draft = Record<string, Json>;

/** Leaves out undefined entries, and sorts the others by key, so that the order of the keys has no effect. */
export function sorted(value: Readonly<Record<string, Json | undefined>>): JsonObject {
  const result: Draft = {};
  for (const key of Object.keys(value).sort()) {
    const entry = value[key];
    if (entry !== undefined) setKey(result, key, entry);
  }
  return result;
}

/** Sets an own key, even if it is `__proto__`. */
export function setKey(target: Draft, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

export function ownValue(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

export function asList(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

/** @returns the string that an engine makes of a scalar (`3`, `1.0`, `true`), or the JSON of any other value */
export function textOf(value: Json | undefined): string {
  if (value === undefined) return '';
  if (isNumber(value)) return javaText(numberText(value));
  return typeof value === 'string' ? value : printJson(value);
}
