// Removes line breaks and comments from documents. Clients may write them, and the engine stores them
// unchanged, but a line of `_bulk` can't contain line breaks, and JSON.parse accepts no comments.
import { endOfComment, endOfString } from './jsonScanner.js';

const SPACE = 0x20;

/** Replaces line breaks and comments outside of strings by spaces, in place. */
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
