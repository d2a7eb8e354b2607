// JSON numbers as they are written, for those that a double can't hold.

/**
 * A text that holds a number which JSON.parse might change. False alarms cost time, nothing else; but without a look at what stands before
 * a number, every other check sum in a string would be one.
 */
const SUSPICIOUS = /(?:^|[:,[\s])-?(?:\d[\d.]{15}|\d[\d.]*[eE][+-]?\d{3})/;

/** False when every number of a JSON text is given by JSON.parse as it is written. */
export function mayHoldLongNumber(json: string): boolean {
  return SUSPICIOUS.test(json);
}

/**
 * A number that is neither a double nor an integer: more than 17 significant digits and a fraction, or beyond the range
 * of doubles. It counts as its nearest double (`+price`, `price * 2`) and is printed with all its digits.
 */
export class ExactDecimal extends Number {
  /** As it is written in the document. */
  readonly text: string;

  constructor(text: string) {
    super(text);
    this.text = text;
  }

  override toString(): string {
    return this.text;
  }
}

/** A number of a document, for a transform. */
export type SourceNumber = number | bigint | ExactDecimal;

export function sourceNumber(text: string): SourceNumber {
  const value = Number(text);
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(value) ? value : BigInt(text);
  const { digits } = decimalOf(text);
  // 17 digits are what programs print that show a double in full, the last of them often not the nearest: 0.10000000000000001
  const held = digits.length <= 17 && Number.isFinite(value) && (value !== 0 || digits === '');
  return held ? value : new ExactDecimal(text);
}

/**
 * A number for comparisons, by the value that is written and not by the way of writing: 1, 1.0 and 10e-1 are the same
 * number, as they are for every mapping of the engine. What a double can't tell apart is told apart here.
 */
export function comparableNumber(text: string): number | ExactDecimal {
  const decimal = decimalOf(text);
  if (decimal.digits === '') return 0;
  // Up to 15 digits, different decimals are different doubles, if they are within the range.
  if (decimal.digits.length <= 15 && Math.abs(decimal.exponent) <= 250) return Number(text);
  return new ExactDecimal(printDecimal(decimal));
}

/** One text for one value. */
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
