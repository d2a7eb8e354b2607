// Reads JSON bytes without building values. It expects valid JSON, but must not loop or read too far if an
// answer is cut off. Both engines accept comments and a byte order mark in a document, and return them
// unchanged.
import { TwindexError } from '../errors.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SLASH = 0x2f;

/** In strings of this many bytes or more, `indexOf` finds the end faster than a loop. */
const LONG_STRING = 48;

/** The bytes that matter within an object or array. All others are skipped. */
const STRUCTURE = table(QUOTE, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, SLASH);
/** The bytes that end a number, `true`, `false` or `null`. */
const AFTER_SCALAR = table(COMMA, CLOSE_BRACE, CLOSE_BRACKET, SLASH, 0x20, 0x0a, 0x0d, 0x09);

function table(...bytes: number[]): Uint8Array {
  const marked = new Uint8Array(256);
  for (const byte of bytes) marked[byte] = 1;
  return marked;
}

/** Keys to recognise, numbered 0, 1, 2, ... in this order. */
export class Keys {
  readonly names: readonly Buffer[];
  constructor(...names: readonly string[]) {
    this.names = names.map((name) => Buffer.from(name));
  }
}

/** Results of `nextKey`: `OTHER` for a key that is not in the list, `END` after the last key. */
export const OTHER = -1;
export const END = -2;

export class JsonScanner {
  readonly #body: Buffer;
  #at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  /**
   * Enters the object at the present position. @returns false if there is none; the position then stays the
   * same
   */
  enterObject(): boolean {
    return this.#enter(OPEN_BRACE);
  }

  enterArray(): boolean {
    return this.#enter(OPEN_BRACKET);
  }

  /** Moves to the value of an object's next key. @returns the key's number, `OTHER` or `END` */
  nextKey(keys: Keys): number {
    if (!this.#next(CLOSE_BRACE)) return END;
    const start = this.#at + 1;
    const end = this.#stringEnd();
    this.#at = end + 1;
    this.#skipSpace();
    if (this.#body[this.#at] !== COLON) throw this.#broken();
    this.#at++;
    return this.#indexOfKey(keys, start, end);
  }

  /** @returns the key; undefined after the last key */
  nextName(): string | undefined {
    if (!this.#next(CLOSE_BRACE)) return undefined;
    const start = this.#at + 1;
    const end = this.#stringEnd();
    this.#at = end + 1;
    this.#skipSpace();
    if (this.#body[this.#at] !== COLON) throw this.#broken();
    this.#at++;
    return decodeString(this.#body, start, end);
  }

  nextElement(): boolean {
    return this.#next(CLOSE_BRACKET);
  }

  /** The value's bytes, not copied. */
  raw(): Buffer {
    this.#skipSpace();
    const start = this.#at;
    this.skip();
    return this.#body.subarray(start, this.#at);
  }

  /** A scalar that is not a string is returned as it is written. */
  string(): string {
    this.#skipSpace();
    const start = this.#at;
    const quoted = this.#body[start] === QUOTE;
    this.skip();
    if (!quoted) return this.#body.toString('utf8', start, this.#at);
    return decodeString(this.#body, start + 1, this.#at - 1);
  }

  number(): number {
    this.#skipSpace();
    const body = this.#body;
    const start = this.#at;
    const negative = body[start] === MINUS;
    let at = negative ? start + 1 : start;
    let value = 0;
    for (;;) {
      const digit = (body[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    this.#at = at;
    this.#expectScalarEnd(start);
    return negative ? -value : value;
  }

  bigint(): bigint {
    this.#skipSpace();
    const start = this.#at;
    this.skip();
    const end = this.#at;
    if (end - start > 15) {
      try {
        return BigInt(this.#body.toString('latin1', start, end));
      } catch {
        throw this.#broken();
      }
    }
    this.#at = start;
    return BigInt(this.number());
  }

  boolean(): boolean {
    this.#skipSpace();
    const isTrue = this.#body[this.#at] === 0x74;
    this.skip();
    return isTrue;
  }

  skip(): void {
    this.#skipSpace();
    const body = this.#body;
    const first = body[this.#at];
    if (first === QUOTE) {
      this.#at = this.#stringEnd() + 1;
    } else if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      this.#skipNested();
    } else {
      const start = this.#at;
      let at = start;
      while (at < body.length && AFTER_SCALAR[body[at] as number] === 0) at++;
      this.#at = at;
      this.#expectScalarEnd(start);
    }
  }

  #skipNested(): void {
    const body = this.#body;
    const { length } = body;
    let at = this.#at;
    let depth = 0;
    while (at < length) {
      const byte = body[at] as number;
      if (STRUCTURE[byte] === 0) {
        at++;
      } else if (byte === QUOTE) {
        // Search the end of a short string here, since a function call would cost more.
        const from = ++at;
        const limit = from + LONG_STRING < length ? from + LONG_STRING : length;
        while (at < limit && body[at] !== QUOTE && body[at] !== BACKSLASH) at++;
        at = at < limit && body[at] === QUOTE ? at + 1 : endOfString(body, from, at) + 1;
        if (at === 0) break;
      } else if (byte === SLASH) {
        at = endOfComment(body, at);
      } else {
        at++;
        if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
        else if (--depth === 0) {
          this.#at = at;
          return;
        }
      }
    }
    this.#at = length;
    throw this.#broken();
  }

  #enter(opening: number): boolean {
    this.#skipSpace();
    if (this.#body[this.#at] !== opening) return false;
    this.#at++;
    return true;
  }

  /** Moves over the comma to the next member, or over the closing byte. @returns whether there is a member */
  #next(closing: number): boolean {
    this.#skipSpace();
    if (this.#body[this.#at] === COMMA) {
      this.#at++;
      this.#skipSpace();
    }
    const byte = this.#body[this.#at];
    if (byte === undefined) throw this.#broken();
    if (byte !== closing) return true;
    this.#at++;
    return false;
  }

  #stringEnd(): number {
    const body = this.#body;
    const from = this.#at + 1;
    if (body[this.#at] !== QUOTE) throw this.#broken();
    const limit = Math.min(from + LONG_STRING, body.length);
    let at = from;
    while (at < limit && body[at] !== QUOTE && body[at] !== BACKSLASH) at++;
    if (at < limit && body[at] === QUOTE) return at;
    const end = endOfString(body, from, at);
    if (end < 0) throw this.#broken();
    return end;
  }

  #indexOfKey(keys: Keys, start: number, end: number): number {
    const body = this.#body;
    const { names } = keys;
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as Buffer;
      if (name.length !== end - start) continue;
      let i = 0;
      while (i < name.length && name[i] === body[start + i]) i++;
      if (i === name.length) return index;
    }
    if (body.subarray(start, end).indexOf(BACKSLASH) < 0) return OTHER;
    const decoded = decodeString(body, start, end);
    return names.findIndex((name) => name.toString() === decoded); // findIndex's -1 is OTHER
  }

  #skipSpace(): void {
    const body = this.#body;
    for (;;) {
      const byte = body[this.#at];
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) this.#at++;
      else if (byte === SLASH) this.#at = endOfComment(body, this.#at);
      else if (byte === 0xef && body[this.#at + 1] === 0xbb && body[this.#at + 2] === 0xbf) this.#at += 3;
      else return;
    }
  }

  #expectScalarEnd(start: number): void {
    const byte = this.#body[this.#at];
    if (this.#at === start || (byte !== undefined && AFTER_SCALAR[byte] === 0)) throw this.#broken();
  }

  #broken(): TwindexError {
    const near = this.#body.toString('latin1', Math.max(0, this.#at - 40), this.#at + 20);
    return new TwindexError(
      'unanswered',
      `an answer of ${this.#body.length} bytes is not the expected JSON, at byte ${this.#at}: …${near}…. ` +
        'Something between twindex and the engine may have cut or changed it.',
    );
  }
}

export function endOfComment(body: Buffer, start: number): number {
  let at = Math.min(start + 2, body.length); // a slash may be the last byte
  if (body[start + 1] === 0x2a) {
    const end = body.indexOf('*/', at);
    return end < 0 ? body.length : end + 2;
  }
  while (at < body.length && body[at] !== 0x0a && body[at] !== 0x0d) at++;
  return at;
}

/** @param from where the string begins @param at where the search begins @returns -1 if not found */
export function endOfString(body: Buffer, from: number, at: number): number {
  let quote = body.indexOf(QUOTE, at);
  while (quote >= 0) {
    let before = quote;
    while (before > from && body[before - 1] === BACKSLASH) before--;
    if ((quote - before) % 2 === 0) return quote;
    quote = body.indexOf(QUOTE, quote + 1);
  }
  return -1;
}

function decodeString(body: Buffer, start: number, end: number): string {
  const text = body.toString('utf8', start, end);
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}
