// Reads documents from the generator `reingest` of the index file, and checks each of them.
import { inspect } from 'node:util';
import { messageOf, TwindexError } from '../../errors.js';
import { printSource } from '../../json/json.js';
import { isObject } from '../../json/plain.js';
import type { Source } from '../../json/jsonTypes.js';
import type { IndexDefinition } from '../../schema/types.js';
import { type IngestedDocument, VERSION_LIMIT, whyNoKey } from '../../protocol/ingestedVersion.js';
import { broken, WRONG_VERSION } from './ndjson.js';

/** The cursor is saved in the journal with every few batches, so it must be short. */
const MAX_CURSOR_LENGTH = 10_000;

export async function* documentsOfDefinition(
  definition: IndexDefinition,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<IngestedDocument> {
  const { name, reingest, file } = definition;
  if (!reingest)
    throw new TwindexError(
      'usage',
      `the migration of ${name} reads its documents with reingest of ${file}, which no longer has this function. Put it back.`,
    );
  const what = `reingest of ${file}`;
  let last = 'before its first document';
  try {
    const given = reingest({ after: after === undefined ? undefined : JSON.parse(after), signal, name });
    if (!isIterable(given))
      throw broken(what, 'it returns nothing that can be iterated. Write an async function*');
    for await (const item of given) {
      signal.throwIfAborted();
      const document = readItem(item, `${what}, ${last}`, what);
      yield document;
      last = `after document ${document.key.id}`;
    }
  } catch (error) {
    if (signal.aborted || error instanceof TwindexError) throw error;
    throw broken(`${what}, ${last}`, messageOf(error), error);
  }
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

function readItem(item: unknown, where: string, what: string): IngestedDocument {
  if (!isObject(item)) throw broken(where, 'it yields a value that is not an object { id, source }');
  const id = textOf(item['id']);
  if (id === undefined) throw broken(where, 'id is neither a string nor a whole number');
  const wrongId = whyNoKey('id', id);
  if (wrongId) throw broken(where, wrongId);
  const of = `${what}, document ${id}`;
  const { routing, source, version, cursor } = item as Record<string, unknown>;
  if (routing !== undefined && routing !== null && textOf(routing) === undefined)
    throw broken(of, 'routing is neither a string nor a whole number');
  const key = { id, routing: textOf(routing) };
  const wrongRouting = key.routing === undefined ? undefined : whyNoKey('routing', key.routing);
  if (wrongRouting) throw broken(of, wrongRouting);
  if (!isObject(source)) throw broken(of, 'source is not an object');
  return {
    key,
    source: print(source, of),
    version: versionOf(version, of),
    cursor: cursor === undefined ? undefined : cursorText(cursor, of),
  };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Number.isSafeInteger(value) || typeof value === 'bigint' ? String(value) : undefined;
}

function print(source: object, of: string): Buffer {
  try {
    return printSource(source as Source);
  } catch (error) {
    throw broken(of, messageOf(error), error);
  }
}

function versionOf(value: unknown, of: string): bigint | undefined {
  if (value === undefined || value === null) return undefined;
  const version = typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(value as number) : -1n;
  if (version < 0n || version >= VERSION_LIMIT)
    throw broken(of, `version ${inspect(value, { depth: 0 })} ${WRONG_VERSION}`);
  return version;
}

function cursorText(cursor: unknown, of: string): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(cursor);
  } catch {
    // The error is reported below.
  }
  if (text === undefined) throw broken(of, 'cursor is not a JSON value');
  if (text.length > MAX_CURSOR_LENGTH)
    throw broken(
      of,
      `cursor is longer than ${MAX_CURSOR_LENGTH} characters. Use an id or a position, not data`,
    );
  return text;
}
