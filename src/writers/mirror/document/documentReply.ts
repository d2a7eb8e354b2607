// Reads from the answer to a single write what the copy needs, and makes the client's answer from it.
import { isTwindexError } from '../../../errors.js';
import { JsonScanner } from '../../../json/jsonScanner.js';
import { filterPath } from '../request/filterPath.js';
import { keepsSource, prettyJson, wantsPretty } from '../request/prettyJson.js';
import {
  putNameBack,
  readWriteResult,
  type Rename,
  withoutGet,
  type WriteResult,
} from '../request/writeResult.js';

/** Never throws: if the body is not JSON, only the status is known. */
export function parseDocumentReply(status: number, raw: Buffer): DocumentReply {
  try {
    return { ...readWriteResult(new JsonScanner(raw), raw), status };
  } catch (error) {
    if (!isTwindexError(error) && !(error instanceof SyntaxError)) throw error;
    return { ...readWriteResult(new JsonScanner(Buffer.from('{}')), raw), status };
  }
}

export type DocumentReply = WriteResult;

export interface ShownDocument {
  readonly rename: Rename | undefined;
  /** Whether to remove `get` from the answer, because only twindex asked for it. */
  readonly withoutGet: boolean;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** @param params the parameters of the client's URL (`filter_path`, `pretty`) */
export function printDocumentReply(
  reply: DocumentReply,
  shown: ShownDocument,
  params: Readonly<Record<string, string>>,
): Buffer {
  let body = reply.raw;
  const isResult = reply.result !== undefined;
  if (shown.rename && !isResult) body = putNameBack(body, shown.rename);
  if (shown.withoutGet && isResult) body = withoutGet(body);
  if (!isResult && reply.type === undefined) return body; // for example the answer of a proxy
  const patterns = params['filter_path'];
  if (patterns && isResult) body = filterPath(body, patterns); // the engines do not filter errors
  return wantsPretty(params) ? prettyJson(body, keepsSource(shown.headers ?? {}, params)) : body;
}
