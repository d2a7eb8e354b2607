// Parses a document as the engines do: with comments, and without the loss of digits in JSON.parse.
import { parseExactly } from './exactParser.js';
import { blankLayout } from './layout.js';
import { mayHoldLongNumber } from './numbers.js';

export function parseDocument(bytes: Buffer, numberOf: (written: string) => unknown): unknown {
  const text = bytes.toString();
  try {
    return mayHoldLongNumber(text) ? parseExactly(text, numberOf) : JSON.parse(text);
  } catch (error) {
    const plain = Buffer.from(bytes);
    blankLayout(plain);
    if (plain.equals(bytes)) throw error;
    return parseExactly(plain.toString(), numberOf);
  }
}
