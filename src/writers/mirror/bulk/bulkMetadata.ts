// Reads the metadata line before a document in a `_bulk` request: `{"index":{"_id":"1"}}`.
import { isUtf8 } from 'node:buffer';
import { parseExactly } from '../../../json/exactParser.js';
import { blankLayout } from '../../../json/layout.js';
import { ExactDecimal } from '../../../json/numbers.js';
import type { WriteAction } from '../request/clientRequest.js';

/** Limit in bytes. An id has at most 512 bytes, and the other values in a metadata line are short names. */
export const MAX_METADATA = 64 << 10;

/** Numbers are `ExactDecimal`, since JSON.parse would change some of them. */
export type Metadata = Readonly<Record<string, unknown>>;

/** @throws SyntaxError, whose message says what was expected */
export function readMetadata(bytes: Buffer): { action: WriteAction; meta: Metadata } {
  if (bytes.length > MAX_METADATA) throw new SyntaxError(`which is longer than ${MAX_METADATA} bytes`);
  const line = parseLine(bytes);
  const [action, another] = Object.keys(line);
  if (action === undefined) throw new SyntaxError('expected FIELD_NAME but found [END_OBJECT]');
  if (action !== 'index' && action !== 'create' && action !== 'update' && action !== 'delete')
    throw new SyntaxError(`expected one of [create, delete, index, update] but found [${action}]`);
  if (another !== undefined) throw new SyntaxError('expected END_OBJECT but found [FIELD_NAME]');
  const meta = line[action];
  if (!isObject(meta)) throw new SyntaxError('expected START_OBJECT or END_OBJECT');
  for (const field of ['_index', '_id', 'routing', 'op_type']) {
    if (typeof meta[field] === 'object' && meta[field] !== null && !(meta[field] instanceof ExactDecimal))
      throw new SyntaxError(`expected a simple value for field [${field}]`);
  }
  return { action, meta };
}

function parseLine(line: Buffer): Record<string, unknown> {
  const text = line.toString();
  if (text.includes('\ufffd') && !isUtf8(line)) throw new SyntaxError('which is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = parsePatiently(line); // the line may have a comment, which the engines accept
  }
  if (!isObject(value)) throw new SyntaxError('expected START_OBJECT');
  const twice = findTwice(text, value);
  if (twice !== undefined) throw new SyntaxError(`Duplicate field '${twice}'`);
  return hasNumber(value) ? (parsePatiently(line) as Record<string, unknown>) : value;
}

/** Numbers have to be parsed exactly: the id 1.50 is "1.50", and a version may have many digits. */
function hasNumber(line: Record<string, unknown>): boolean {
  for (const action in line) {
    const meta = line[action];
    if (!isObject(meta)) continue;
    for (const key in meta) if (typeof meta[key] === 'number') return true;
  }
  return false;
}

function parsePatiently(line: Buffer): unknown {
  const plain = Buffer.from(line);
  blankLayout(plain);
  try {
    return parseExactly(plain.toString(), (written) => new ExactDecimal(written));
  } catch {
    throw new SyntaxError('which is not one JSON object');
  }
}

/** @returns a key that occurs twice. The engines refuse it, but JSON.parse would take the last value */
function findTwice(text: string, line: Record<string, unknown>): string | undefined {
  let keys = 0;
  for (const action in line) {
    const meta = line[action];
    keys += isObject(meta) ? 1 + Object.keys(meta).length : 1;
  }
  let colons = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) colons++;
  if (colons === keys) return undefined; // as many colons as keys: no key is repeated
  const seen = new Set<string>();
  let depth = 0;
  for (const [token, key] of text.matchAll(/"((?:[^"\\]|\\.)*)"\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (key === undefined)
      depth += token === '{' || token === '[' ? 1 : token === '}' || token === ']' ? -1 : 0;
    else if (depth <= 2) {
      const name = `${depth}${JSON.parse(`"${key}"`) as string}`;
      if (seen.has(name)) return name.slice(1);
      seen.add(name);
    }
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactDecimal)
  );
}

/** @returns a scalar as it was written; undefined for other values */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof ExactDecimal) return value.text;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

export function paramsOf(meta: Metadata): Readonly<Record<string, string>> {
  let params: Record<string, string> | undefined;
  for (const name in meta) {
    if (name === '_index' || name === '_id' || name === 'routing' || name === 'op_type') continue;
    params ??= {};
    params[name] = textOf(meta[name]) ?? JSON.stringify(meta[name]);
  }
  return params ?? NO_PARAMS;
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

/** Whether the metadata has only index, id, routing and op_type. */
export const isBare = (params: Readonly<Record<string, string>>): boolean => params === NO_PARAMS;
