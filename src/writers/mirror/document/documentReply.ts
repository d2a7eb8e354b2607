// The answer to a write of a single document: read for what the other index has to be told, and given to the client.
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

/** Never throws: of a body that is no JSON nothing is known but the status. */
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
  /** The alias that it was sent to becomes what the client wrote. */
  readonly rename: Rename | undefined;
  /** The client had not asked for `get`. */
  readonly withoutGet: boolean;
  /** Of its answer. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The client's answer; `params` are those of its URL (`filter_path`, `pretty`). */
export function printDocumentReply(
  reply: DocumentReply,
  shown: ShownDocument,
  params: Readonly<Record<string, string>>,
): Buffer {
  let body = reply.raw;
  const isResult = reply.result !== undefined;
  if (shown.rename && !isResult) body = putNameBack(body, shown.rename);
  if (shown.withoutGet && isResult) body = withoutGet(body);
  if (!isResult && reply.type === undefined) return body; // not the engine's
  const patterns = params['filter_path'];
  if (patterns && isResult) body = filterPath(body, patterns); // errors come whole
  return wantsPretty(params) ? prettyJson(body, keepsSource(shown.headers ?? {}, params)) : body;
}
