// Converts numbers as the engines do when they store a mapping, an alias or a setting. Measured on OpenSearch 3.8
// and Elasticsearch 9.2: integers have no limit, and all other numbers are doubles, printed as Java prints them.
import { type ExactNumber, exactNumber, isNumberText } from './exactJson.js';
import { comparableNumber, ExactDecimal } from './numbers.js';
import type { Json } from './jsonTypes.js';

export const isNumber = (value: unknown): value is number | ExactNumber =>
  typeof value === 'number' || value instanceof ExactDecimal;

export const numberText = (value: number | ExactDecimal): string => String(value);

const INTEGER = /^-?\d+$/;

/** Converts a value that the engine stores uninterpreted (`_meta`): 1 and 1.0 differ, 1.0 and 1.00 do not. */
export function asKept(value: Json): Json {
  return withNumbers(value, keptNumber);
}

/** Converts a value that the engine interprets as a number: 1 and 1.0 become equal. */
export function asValue(value: Json): Json {
  return withNumbers(value, (text) => numberOf(exactNumber(text), INTEGER.test(text) ? 'exact' : 'double'));
}

function withNumbers(value: Json, change: (text: string) => Json): Json {
  if (isNumber(value)) return change(numberText(value));
  if (Array.isArray(value)) return value.map((item: Json) => withNumbers(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withNumbers(member, change)]));
}

function keptNumber(text: string): Json {
  if (INTEGER.test(text)) return exactNumber(String(BigInt(text)));
  const double = Number(text);
  if (!Number.isFinite(double)) return javaText(text);
  const plain = Object.is(double, -0) ? '-0' : String(double);
  return exactNumber(/[.e]/.test(plain) ? plain : `${plain}.0`);
}

/** How an engine prints a number that it stores as a string: 1e3 -> `1000.0`, 1e10 -> `1.0E10`. */
export function javaText(text: string): string {
  if (INTEGER.test(text)) return String(BigInt(text));
  const double = Number(text);
  if (!Number.isFinite(double)) return double > 0 ? 'Infinity' : '-Infinity';
  const sign = double < 0 || Object.is(double, -0) ? '-' : '';
  const size = Math.abs(double);
  if (size === 0) return `${sign}0.0`;
  if (size >= 1e-3 && size < 1e7) return sign + withFraction(String(size));
  const [digits = '', exponent = ''] = size.toExponential().split('e');
  return `${sign}${withFraction(digits)}E${Number(exponent)}`;
}

const withFraction = (text: string): string => (text.includes('.') ? text : `${text}.0`);

export type Precision = 'exact' | 'double' | 'float' | 'half';

/** Gives equal numbers the same form, also in strings, since the engine prints numbers in a form of its own. */
export function numberOf(value: Json, precision: Precision): Json {
  const text = isNumber(value) ? numberText(value) : typeof value === 'string' ? value.trim() : '';
  if (!isNumberText(text)) return value;
  if (precision === 'exact') return exactNumber(numberText(comparableNumber(text)));
  const round = ROUND[precision];
  const rounded = round(Number(text));
  return Number.isFinite(rounded) ? shortest(rounded, round) : value;
}

const ROUND: Readonly<Record<Exclude<Precision, 'exact'>, (double: number) => number>> = {
  double: (double) => double + 0, // adding 0 turns -0 into 0
  float: (double) => Math.fround(double) + 0,
  half: (double) => half(double) + 0,
};

/** The shortest decimal that is rounded to the same value: 0.1 for the float 0.10000000149011612. */
function shortest(rounded: number, round: (double: number) => number): number {
  for (let digits = 1; digits < 17; digits++) {
    const decimal = Number(rounded.toPrecision(digits));
    if (round(decimal) === rounded) return decimal;
  }
  return rounded;
}

/** Rounds to 11 significant bits within the range of a half_float, as Lucene stores it. */
function half(double: number): number {
  const float = Math.fround(double);
  if (float === 0 || !Number.isFinite(float)) return float;
  const unit = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(float))), -14) - 10);
  const quotient = float / unit;
  const down = Math.floor(quotient);
  const rest = quotient - down;
  const up = rest > 0.5 || (rest === 0.5 && down % 2 !== 0);
  return (up ? down + 1 : down) * unit;
}
