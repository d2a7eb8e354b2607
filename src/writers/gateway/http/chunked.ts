// Reads a body with the chunked transfer coding strictly (RFC 9112, 7.1). Skips extensions and trailers.
import { TOKEN, VALUE } from './characters.js';

/** Thrown when the end of the body can't be found. The connection can't be used again. */
export class MalformedBody extends Error {}

const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;
const COLON = 0x3a;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MAX_SIZE_DIGITS = 8;
/** Limit in bytes for the extensions of one chunk, and for all trailers together. */
const MAX_ASIDE = 4_096;
/** Names that a trailer must not have: the length of the body is known from its chunks. */
const FRAMING = new Set(['content-length', 'transfer-encoding']);

type ExtensionState = 'nameBegin' | 'name' | 'valueBegin' | 'value' | 'quoted' | 'quotedPair' | 'quotedEnd';

type State =
  | 'size'
  | ExtensionState
  | 'sizeLf'
  | 'data'
  | 'dataCr'
  | 'dataLf'
  | 'lineBegin'
  | 'trailerName'
  | 'trailer'
  | 'trailerLf'
  | 'endLf'
  | 'done';

export class ChunkedReader {
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  #aside = 0;
  #trailerName = '';

  get done(): boolean {
    return this.#state === 'done';
  }

  /** Calls `onData` for each range of payload. @returns the first position not read @throws MalformedBody */
  read(bytes: Buffer, from: number, onData: (begin: number, end: number) => void): number {
    let at = from;
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#size);
        onData(at, end);
        this.#size -= end - at;
        at = end;
        if (this.#size === 0) this.#state = 'dataCr';
      } else {
        this.#step(bytes[at] as number);
        at++;
      }
    }
    return at;
  }

  #step(byte: number): void {
    switch (this.#state) {
      case 'size':
        this.#readSize(byte);
        return;
      case 'nameBegin':
      case 'name':
      case 'valueBegin':
      case 'value':
      case 'quoted':
      case 'quotedPair':
      case 'quotedEnd':
        this.#state = afterExtensionByte(this.#state, byte);
        this.#count();
        return;
      case 'sizeLf':
        demand(byte, LF);
        this.#state = this.#size > 0 ? 'data' : 'lineBegin';
        return;
      case 'dataCr':
        demand(byte, CR);
        this.#state = 'dataLf';
        return;
      case 'dataLf':
        demand(byte, LF);
        this.#state = 'size';
        this.#digits = 0;
        this.#aside = 0;
        return;
      case 'lineBegin':
        if (byte === CR) this.#state = 'endLf';
        else {
          this.#trailerName = '';
          this.#readTrailerName(byte);
          this.#state = 'trailerName';
        }
        return;
      case 'trailerName':
        if (byte !== COLON) this.#readTrailerName(byte);
        else if (FRAMING.has(this.#trailerName.toLowerCase()))
          throw new MalformedBody('a trailer has the name Content-Length or Transfer-Encoding');
        else this.#state = 'trailer';
        this.#count();
        return;
      case 'trailer':
        if (byte === CR) this.#state = 'trailerLf';
        else this.#readAside(byte);
        return;
      case 'trailerLf':
        demand(byte, LF);
        this.#state = 'lineBegin';
        return;
      case 'endLf':
        demand(byte, LF);
        this.#state = 'done';
        return;
      case 'data':
      case 'done':
        return;
    }
  }

  #readSize(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.#size = this.#digits === 0 ? digit : this.#size * 16 + digit;
      if (++this.#digits > MAX_SIZE_DIGITS) throw new MalformedBody('a chunk size has too many digits');
    } else if (this.#digits > 0 && byte === CR) {
      this.#state = 'sizeLf';
    } else if (this.#digits > 0 && byte === SEMICOLON) {
      this.#state = 'nameBegin';
    } else {
      throw new MalformedBody('a chunk size is malformed');
    }
  }

  #readTrailerName(byte: number): void {
    if (TOKEN[byte] !== 1) throw new MalformedBody('a trailer is malformed');
    this.#trailerName += String.fromCharCode(byte);
  }

  #readAside(byte: number): void {
    if (VALUE[byte] !== 1) throw new MalformedBody('a trailer contains a control character');
    this.#count();
  }

  #count(): void {
    if (++this.#aside > MAX_ASIDE) throw new MalformedBody('chunk extensions or trailers are too long');
  }
}

/** Reads `;name`, `;name=token` and `;name="quoted"`, without white space outside of quotes. */
function afterExtensionByte(state: ExtensionState, byte: number): State {
  switch (state) {
    case 'nameBegin':
      if (TOKEN[byte] === 1) return 'name';
      break;
    case 'name':
      if (TOKEN[byte] === 1) return 'name';
      if (byte === EQUALS) return 'valueBegin';
      if (byte === SEMICOLON) return 'nameBegin';
      if (byte === CR) return 'sizeLf';
      break;
    case 'valueBegin':
      if (byte === QUOTE) return 'quoted';
      if (TOKEN[byte] === 1) return 'value';
      break;
    case 'quoted':
      if (byte === QUOTE) return 'quotedEnd';
      if (byte === BACKSLASH) return 'quotedPair';
      if (VALUE[byte] === 1) return 'quoted';
      break;
    case 'quotedPair':
      if (VALUE[byte] === 1) return 'quoted';
      break;
    case 'value':
    case 'quotedEnd':
      if (state === 'value' && TOKEN[byte] === 1) return 'value';
      if (byte === SEMICOLON) return 'nameBegin';
      if (byte === CR) return 'sizeLf';
      break;
  }
  throw new MalformedBody('a chunk extension is malformed');
}

function demand(byte: number, wanted: number): void {
  if (byte !== wanted) throw new MalformedBody('a line break is missing in the chunked body');
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
