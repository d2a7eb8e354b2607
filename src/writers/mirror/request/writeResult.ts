// Reads the engine's answer to a single write, or the item of one operation in the answer to a bulk.
import { readError } from '../../../documents/hits.js';
import { END, JsonScanner, Keys } from '../../../json/jsonScanner.js';

export interface WriteResult {
  /** The whole answer or item. */
  readonly raw: Buffer;
  /** 0 if the item or answer has no `status`. For a single write, use the HTTP status instead. */
  readonly status: number;
  readonly index: string | undefined;
  readonly id: string | undefined;
  readonly seqNo: number | undefined;
  readonly term: number | undefined;
  /** `created`, `updated`, `deleted`, `noop`, `not_found` */
  readonly result: string | undefined;
  /** The document in the answer (`get._source`). The bytes are not copied. */
  readonly source: Buffer | undefined;
  /** The type of the error, if the write failed. */
  readonly type: string | undefined;
  readonly reason: string | undefined;
}

const RESULT = new Keys('_index', '_id', '_seq_no', '_primary_term', 'result', 'get', 'status', 'error');
const GET = new Keys('_source');

export function readWriteResult(scanner: JsonScanner, raw: Buffer): WriteResult {
  let status = 0;
  let index: string | undefined;
  let id: string | undefined;
  let seqNo: number | undefined;
  let term: number | undefined;
  let result: string | undefined;
  let source: Buffer | undefined;
  let error: ReturnType<typeof readError> | undefined;
  const isResult = scanner.enterObject();
  for (let key = isResult ? scanner.nextKey(RESULT) : END; key !== END; key = scanner.nextKey(RESULT)) {
    if (key === 0) index = scanner.string();
    else if (key === 1) id = scanner.string();
    else if (key === 2) seqNo = scanner.number();
    else if (key === 3) term = scanner.number();
    else if (key === 4) result = scanner.string();
    else if (key === 5) source = readGet(scanner);
    else if (key === 6) status = scanner.number();
    else if (key === 7) error = readError(scanner.raw());
    else scanner.skip();
  }
  return { raw, status, index, id, seqNo, term, result, source, type: error?.type, reason: error?.reason };
}

function readGet(scanner: JsonScanner): Buffer | undefined {
  let source: Buffer | undefined;
  if (!scanner.enterObject()) {
    scanner.skip();
    return undefined;
  }
  for (let key = scanner.nextKey(GET); key !== END; key = scanner.nextKey(GET)) {
    if (key === 0) source = scanner.raw();
    else scanner.skip();
  }
  return source;
}

/** After a scripted upsert that did nothing, the engine sends this `get` even if no `_source` was asked for. */
const UNASKED = Buffer.from('{"found":false}');

export function withoutGet(object: Buffer): Buffer {
  const members = Buffer.from(',"get":{');
  const start = object.indexOf(members);
  if (start < 0) return object;
  const get = new JsonScanner(object.subarray(start + members.length - 1)).raw();
  if (get.equals(UNASKED)) return object;
  const end = start + members.length - 1 + get.length;
  return Buffer.concat([object.subarray(0, start), object.subarray(end)]);
}

/** The alias that a write was sent to, and the name that the client used and expects in the answer. */
export interface Rename {
  readonly from: string;
  readonly to: string;
}

export function putNameBack(json: Buffer, { from, to }: Rename): Buffer {
  if (!json.includes(inJson(from)) && !json.includes(encodeURIComponent(from))) return json;
  return Buffer.from(
    json
      .toString()
      .replaceAll(inJson(from), inJson(to))
      .replaceAll(encodeURIComponent(from), encodeURIComponent(to)),
  );
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
