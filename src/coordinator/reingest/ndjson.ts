// Parses the NDJSON of `--from`: splits it into lines, and takes the members of a document out of each line
// unchanged. Pure.
import { isUtf8 } from 'node:buffer';
import { TwindexError } from '../../errors.js';
import { END, JsonScanner, Keys } from '../../json/jsonScanner.js';
import { type IngestedDocument, VERSION_LIMIT, whyNoKey } from '../../protocol/ingestedVersion.js';

const NEWLINE = 0x0a;
/** The default of the engine's `http.max_content_length`. */
const MAX_LINE_BYTES = 100 << 20;

export interface Line {
  readonly bytes: Buffer;
  readonly number: number;
  /** Where the next line begins in the file, in bytes. */
  readonly end: number;
}

export class LineSplitter {
  readonly #file: string;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #number: number;
  #at: number;

  /** @param at offset of the first chunk @param number how many lines come before it */
  constructor(file: string, { at = 0, number = 0 }: { readonly at?: number; readonly number?: number } = {}) {
    this.#file = file;
    this.#at = at;
    this.#number = number;
  }

  push(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(this.#line(chunk.subarray(start, end), 1));
      start = end + 1;
    }
    this.#rest.push(chunk.subarray(start));
    this.#restBytes += chunk.length - start;
    if (this.#restBytes > MAX_LINE_BYTES)
      throw broken(
        `${this.#file}, line ${this.#number + 1}`,
        `it is longer than ${MAX_LINE_BYTES >> 20} MB. One document is one line`,
      );
    return lines;
  }

  /** @returns the last line if it has no line break */
  end(): Line[] {
    return this.#restBytes > 0 ? [this.#line(Buffer.alloc(0), 0)] : [];
  }

  #line(last: Buffer, breakBytes: 0 | 1): Line {
    const bytes = this.#restBytes === 0 ? last : Buffer.concat([...this.#rest, last]);
    this.#rest = [];
    this.#restBytes = 0;
    this.#at += bytes.length + breakBytes;
    return { bytes, number: ++this.#number, end: this.#at };
  }
}

const LINE = new Keys('_id', 'id', '_routing', 'routing', '_version', 'version', '_source', 'source');
const BRACE = 0x7b;

/**
 * Reads `{"_id": "1", "_routing": "r", "_version": 7, "_source": {...}}`. The names may lack the `_`. Other
 * members are ignored.
 * @returns undefined for an empty line
 * @throws TwindexError `source_failed` that names the line
 */
export function readLine({ bytes, number, end }: Line, file: string): IngestedDocument | undefined {
  const where = `${file}, line ${number}`;
  const text = trimmed(bytes);
  if (text.length === 0) return undefined;
  // A byte that is not UTF-8 would reach the engine as another character.
  if (!isUtf8(text)) throw broken(where, 'it is not UTF-8');
  const members = membersOf(text, where);
  const id = textOf(members[0] ?? members[1]);
  if (id === undefined) throw broken(where, 'it has no _id, which must be a string or a whole number');
  const wrongId = whyNoKey('id', id);
  if (wrongId) throw broken(where, wrongId);
  const routing = members[2] ?? members[3];
  if (routing !== undefined && !isNull(routing) && textOf(routing) === undefined)
    throw broken(where, `_routing of document ${id} is neither a string nor a whole number`);
  const key = { id, routing: routing && textOf(routing) };
  const wrongRouting = key.routing === undefined ? undefined : whyNoKey('routing', key.routing);
  if (wrongRouting) throw broken(`${where}: document ${id}`, wrongRouting);
  const source = members[6] ?? members[7];
  if (source?.[0] !== BRACE) throw broken(where, `_source of document ${id} is not an object`);
  return {
    key,
    source,
    version: versionOf(members[4] ?? members[5], `${where}: _version of document ${id}`),
    cursor: JSON.stringify({ offset: end, line: number }),
  };
}

function membersOf(text: Buffer, where: string): (Buffer | undefined)[] {
  const members: (Buffer | undefined)[] = [];
  try {
    const scanner = new JsonScanner(text);
    if (new JsonScanner(text).raw().length !== text.length || !scanner.enterObject())
      throw broken(where, NO_OBJECT);
    for (let key = scanner.nextKey(LINE); key !== END; key = scanner.nextKey(LINE))
      if (key < 0) scanner.skip();
      else members[key] = scanner.raw();
  } catch {
    throw broken(where, NO_OBJECT);
  }
  return members;
}

const NO_OBJECT = 'it is not one JSON object such as {"_id": "1", "_source": {"price": 7}}';

/** @returns a string, or a whole number as it is written; undefined for other values */
function textOf(value: Buffer | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = value.toString();
  if (/^-?\d+$/.test(text)) return text;
  if (!text.startsWith('"')) return undefined;
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}

const isNull = (value: Buffer): boolean => value.toString() === 'null';

function versionOf(value: Buffer | undefined, what: string): bigint | undefined {
  if (value === undefined || isNull(value)) return undefined;
  const text = value.toString();
  const version = /^\d{1,20}$/.test(text) ? BigInt(text) : VERSION_LIMIT;
  if (version >= VERSION_LIMIT) throw broken(what, `${text.slice(0, 40)} ${WRONG_VERSION}`);
  return version;
}

export const WRONG_VERSION = `is not a whole number from 0 to ${VERSION_LIMIT - 1n}`;

function trimmed(bytes: Buffer): Buffer {
  let start = 0;
  let end = bytes.length;
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) start = 3;
  while (start < end && isSpace(bytes[start] as number)) start++;
  while (end > start && isSpace(bytes[end - 1] as number)) end--;
  return bytes.subarray(start, end);
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0d || byte === 0x09;

export function broken(where: string, what: string, cause?: unknown): TwindexError {
  return new TwindexError(
    'source_failed',
    `reading the source of truth has stopped: ${where}: ${what}. Readers and writers are not affected; the documents ` +
      'before this one are in the new index.',
    { cause, hint: 'Correct the source, and run the same command again.' },
  );
}
