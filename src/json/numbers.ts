// Finds numbers in JSON that a double can't hold, compares them, and passes them to transforms exactly.

/**
 * Matches JSON that may have a number that JSON.parse would change. A wrong match only costs time. The
 * character before the number is checked, since otherwise digits within a text such as `3f9e104b` would match.
 */
const SUSPICIOUS = /(?:^|[:,[\s])-?(?:\d[\d.]{15}|\d[\d.]*[eE][+-]?\d{3})/;

export function mayHoldLongNumber(json: string): boolean {
  return SUSPICIOUS.test(json);
}

/**
 * A number with a fraction and more than 17 digits, or beyond the range of doubles. Calculations (`+price`,
 * `price * 2`) use the nearest double. The number is printed with all its digits.
 */
export class ExactDecimal extends Number {
  readonly text: string;

  constructor(text: string) {
    super(text);
    this.text = text;
  }

  override toString(): string {
    return this.text;
  }
}

/** A number in a document that a transform gets. */
export type SourceNumber = number | bigint | ExactDecimal;

export function sourceNumber(text: string): SourceNumber {
  const value = Number(text);
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(value) ? value : BigInt(text);
  const { digits } = decimalOf(text);
  // Up to 17 digits count as a double, since many programs print 0.1 as 0.10000000000000001.
  const held = digits.length <= 17 && Number.isFinite(value) && (value !== 0 || digits === '');
  return held ? value : new ExactDecimal(text);
}

/**
 * @returns equal results for equal values: 1, 1.0 and 10e-1 are equal, as in every mapping of the engine.
 * Numbers that differ only beyond the precision of a double are different.
 */
export function comparableNumber(text: string): number | ExactDecimal {
  const decimal = decimalOf(text);
  if (decimal.digits === '') return 0;
  // Different decimals with at most 15 digits are different doubles within this range.
  if (decimal.digits.length <= 15 && Math.abs(decimal.exponent) <= 250) return Number(text);
  return new ExactDecimal(printDecimal(decimal));
}

function printDecimal({ negative, digits, exponent }: Decimal): string {
  if (digits === '') return '0';
  const sign = negative ? '-' : '';
  if (exponent < -40 || exponent > 40) return `${sign}${digits}e${exponent}`;
  if (exponent >= 0) return sign + digits + '0'.repeat(exponent);
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

interface Decimal {
  readonly negative: boolean;
  /** Without zeros at either end; empty for zero. */
  readonly digits: string;
  readonly exponent: number;
}

function decimalOf(text: string): Decimal {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const written = (whole + fraction).replace(/^0+/, '');
  const digits = written.replace(/0+$/, '');
  return {
    negative: sign === '-',
    digits,
    exponent: Number(exponent) - fraction.length + (written.length - digits.length),
  };
}
