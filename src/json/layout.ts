// The engine keeps a document as its client wrote it: pretty-printed, and with comments, which both engines take. A
// line of `_bulk` and JSON.parse want neither.
import { endOfComment, endOfString } from './jsonScanner.js';

const SPACE = 0x20;

/** Overwrites newlines and comments outside of strings by spaces, in place. (A string can't hold a raw newline.) */
export function blankLayout(source: Buffer): void {
  for (let at = 0; at < source.length; at++) {
    const byte = source[at];
    if (byte === 0x0a || byte === 0x0d) {
      source[at] = SPACE;
    } else if (byte === 0x22) {
      const end = endOfString(source, at + 1, at + 1);
      if (end < 0) return;
      at = end;
    } else if (byte === 0x2f) {
      source.fill(SPACE, at, endOfComment(source, at));
    }
  }
}
