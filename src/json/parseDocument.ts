// The fast way from a document's bytes to its value, and the exact one where the fast one would lose something.
import { parseExactly } from './exactParser.js';
import { blankLayout } from './layout.js';
import { mayHoldLongNumber } from './numbers.js';

/** Parses a document as the engines take it: with comments, too. */
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
