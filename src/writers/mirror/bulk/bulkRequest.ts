// Cuts the NDJSON of a `_bulk` request into operations by the engines' rules. Refuses unreadable metadata,
// with the engine's error, and leaves other errors to the engine. Does not parse documents.
import { type Metadata, paramsOf, readMetadata, textOf } from './bulkMetadata.js';
import { atOnce } from '../../../timeSlice.js';
import { errorReply } from '../request/engineError.js';
import type { ClientReply, WriteAction } from '../request/clientRequest.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;

interface Ranges {
  readonly metaStart: number;
  readonly metaEnd: number;
  /** The document's line without its line break; empty for a delete. */
  readonly sourceStart: number;
  readonly sourceEnd: number;
  readonly end: number;
}

/** Stores positions, not views, since a request may have many operations. */
export class BulkOperation {
  /** `{"index":{"op_type":"create"}}` counts as create. */
  readonly action: WriteAction;
  readonly index: string | undefined;
  readonly id: string | undefined;
  readonly routing: string | undefined;
  /** The other metadata: scalars as strings, lists and objects as JSON. */
  readonly params: Readonly<Record<string, string>>;
  readonly #body: Buffer;
  readonly #metaStart: number;
  readonly #metaEnd: number;
  readonly #sourceStart: number;
  readonly #sourceEnd: number;
  readonly #end: number;

  constructor(body: Buffer, ranges: Ranges, action: WriteAction, meta: Metadata) {
    const isCreate = action === 'index' && textOf(meta['op_type'])?.toLowerCase() === 'create';
    this.action = isCreate ? 'create' : action;
    this.index = textOf(meta['_index']);
    this.id = textOf(meta['_id']);
    this.routing = textOf(meta['routing']);
    this.params = paramsOf(meta);
    this.#body = body;
    this.#metaStart = ranges.metaStart;
    this.#metaEnd = ranges.metaEnd;
    this.#sourceStart = ranges.sourceStart;
    this.#sourceEnd = ranges.sourceEnd;
    this.#end = ranges.end;
  }

  get source(): Buffer | undefined {
    return this.action === 'delete' ? undefined : this.#body.subarray(this.#sourceStart, this.#sourceEnd);
  }

  get raw(): Buffer {
    return this.#body.subarray(this.#metaStart, this.#end);
  }

  metadata(): Metadata {
    return readMetadata(this.#body.subarray(this.#metaStart, this.#metaEnd)).meta;
  }
}

export type ParsedBulk =
  | { readonly type: 'operations'; readonly operations: readonly BulkOperation[] }
  | { readonly type: 'malformed'; readonly reply: ClientReply };

export const parseBulk = (body: Buffer): ParsedBulk => atOnce(parsingBulk(body));

export function* parsingBulk(body: Buffer): Generator<void, ParsedBulk> {
  if (body.length === 0) return malformed('parse_exception', 'request body is required');
  const operations: BulkOperation[] = [];
  let at = startsWithMark(body) ? 3 : 0;
  for (let line = 1; at < body.length; line++) {
    const metaEnd = body.indexOf(NEWLINE, at);
    if (metaEnd < 0) return unterminated();
    const metaStart = at;
    at = metaEnd + 1;
    if (isBlank(body, metaStart, metaEnd)) continue;
    let action: WriteAction;
    let meta: Metadata;
    try {
      ({ action, meta } = readMetadata(body.subarray(metaStart, metaEnd)));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return malformed(
        'illegal_argument_exception',
        `Malformed action/metadata line [${line}], ${error.message}`,
      );
    }
    const sourceStart = at;
    let sourceEnd = at;
    if (action !== 'delete') {
      if (at === body.length) break; // the engines ignore a last action without a document
      sourceEnd = body.indexOf(NEWLINE, at);
      if (sourceEnd < 0) return unterminated();
      at = sourceEnd + 1;
      line++;
      if (sourceEnd > sourceStart && body[sourceEnd - 1] === RETURN) sourceEnd--;
    }
    operations.push(
      new BulkOperation(body, { metaStart, metaEnd, sourceStart, sourceEnd, end: at }, action, meta),
    );
    yield;
  }
  if (operations.length > 0) return { type: 'operations', operations };
  return malformed('action_request_validation_exception', 'Validation Failed: 1: no requests added;');
}

function startsWithMark(body: Buffer): boolean {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
}

function isBlank(body: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = body[at];
    if (byte !== 0x20 && byte !== RETURN && byte !== 0x09) return false;
  }
  return true;
}

function malformed(type: string, reason: string): ParsedBulk {
  return { type: 'malformed', reply: errorReply({ status: 400, type, reason }) };
}

function unterminated(): ParsedBulk {
  return malformed('illegal_argument_exception', 'The bulk request must be terminated by a newline [\\n]');
}
