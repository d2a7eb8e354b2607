// Reads from the engine's answers to bulks what is needed to copy the writes, and makes the client's answer.
import { notAnAnswer } from '../../../documents/hits.js';
import { END, JsonScanner, Keys } from '../../../json/jsonScanner.js';
import { atOnce } from '../../../timeSlice.js';
import type { EngineError } from '../request/engineError.js';
import { filterPath } from '../request/filterPath.js';
import { keepsSource, prettyJson, wantsPretty } from '../request/prettyJson.js';
import type { WriteAction } from '../request/clientRequest.js';
import {
  putNameBack,
  readWriteResult,
  type Rename,
  withoutGet,
  type WriteResult,
} from '../request/writeResult.js';

const ACTIONS = ['index', 'create', 'update', 'delete'] as const satisfies readonly WriteAction[];
const REPLY = new Keys('items', 'took', 'ingest_took', 'errors');
const ACTION_KEYS = new Keys(...ACTIONS);

export interface ReplyItem extends WriteResult {
  readonly action: WriteAction;
}

/** The members of the answer that come before `items`. */
export interface BulkHead {
  readonly took: number;
  /** Set when a pipeline ran. */
  readonly ingestTook: number | undefined;
  /** Elasticsearch writes `errors` before `took`. */
  readonly errorsFirst: boolean;
}

export interface BulkReply extends BulkHead {
  readonly items: readonly ReplyItem[];
}

/** @throws TwindexError `unanswered` when the bytes are no answer to a bulk */
export const parseBulkReply = (body: Buffer): BulkReply => atOnce(parsingBulkReply(body));

export function* parsingBulkReply(body: Buffer): Generator<void, BulkReply> {
  const scanner = new JsonScanner(body);
  let took: number | undefined;
  let ingestTook: number | undefined;
  let errorsFirst = false;
  let items: ReplyItem[] | undefined;
  if (!scanner.enterObject()) throw notAnAnswer('_bulk', body);
  for (let key = scanner.nextKey(REPLY); key !== END; key = scanner.nextKey(REPLY)) {
    if (key === 1) took = scanner.number();
    else if (key === 2) ingestTook = scanner.number();
    else if (key === 0 && scanner.enterArray()) {
      items = [];
      while (scanner.nextElement()) {
        items.push(parseBulkItem(scanner.raw()));
        yield;
      }
    } else {
      errorsFirst ||= key === 3 && took === undefined;
      scanner.skip();
    }
  }
  if (!items) throw notAnAnswer('_bulk', body);
  return { took: took ?? 0, ingestTook, errorsFirst, items };
}

export function parseBulkItem(raw: Buffer): ReplyItem {
  const scanner = new JsonScanner(raw);
  if (!scanner.enterObject()) throw notAnAnswer('_bulk', raw);
  const action = ACTIONS[scanner.nextKey(ACTION_KEYS)];
  if (action === undefined) throw notAnAnswer('_bulk', raw);
  return Object.assign(readWriteResult(scanner, raw), { action });
}

/** Makes an item for an operation to which the engine gave none. */
export function failedItem(
  action: WriteAction,
  index: string,
  id: string | undefined,
  { status, type, reason }: EngineError,
): ReplyItem {
  const item = { [action]: { _index: index, _id: id ?? null, status, error: { type, reason } } };
  return {
    action,
    status,
    index,
    id,
    seqNo: undefined,
    term: undefined,
    result: undefined,
    source: undefined,
    type,
    reason,
    raw: Buffer.from(JSON.stringify(item)),
  };
}

export interface ShownItem {
  readonly item: ReplyItem;
  /** The action that the client sent. */
  readonly action: WriteAction;
  readonly rename: Rename | undefined;
  readonly withoutGet: boolean;
}

export const printBulkReply = (...parts: Parameters<typeof printingBulkReply>): Buffer =>
  atOnce(printingBulkReply(...parts));

export function* printingBulkReply(
  { took, ingestTook, errorsFirst }: BulkHead,
  items: readonly ShownItem[],
  params: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Generator<void, Buffer> {
  const errors = `"errors":${items.some(({ item }) => item.type !== undefined)}`;
  const head = [errorsFirst ? [errors, `"took":${took}`] : [`"took":${took}`]].flat();
  if (ingestTook !== undefined) head.push(`"ingest_took":${ingestTook}`);
  if (!errorsFirst) head.push(errors);
  const pieces: Buffer[] = [Buffer.from(`{${head.join(',')},"items":[`)];
  const comma = Buffer.from(',');
  for (const [at, item] of items.entries()) {
    if (at > 0) pieces.push(comma);
    pieces.push(printItem(item));
    yield;
  }
  pieces.push(Buffer.from(']}'));
  let reply = Buffer.concat(pieces);
  const patterns = params['filter_path'];
  if (patterns) reply = filterPath(reply, patterns) as Buffer<ArrayBuffer>;
  return wantsPretty(params) ? prettyJson(reply, keepsSource(headers, params)) : reply;
}

function printItem(shown: ShownItem): Buffer {
  const { item, action, rename } = shown;
  let { raw } = item;
  if (shown.withoutGet && item.action === 'update') raw = withoutGet(raw);
  if (rename && item.type !== undefined) raw = putNameBack(raw, rename);
  if (action !== item.action) raw = withAction(raw, action);
  return raw;
}

function withAction(item: Buffer, action: WriteAction): Buffer {
  const colon = item.indexOf(':');
  return Buffer.concat([Buffer.from(`{"${action}"`), item.subarray(colon)]);
}
