// Takes documents out of `_search` and `_mget` answers. `_source` stays the bytes that the engine sent:
// parsing and printing it would cost more than the rest of a copy, and would lose digits and duplicate keys.
import { fullReason } from '../cluster/engineErrors.js';
import { TwindexError } from '../errors.js';
import { END, JsonScanner, Keys } from '../json/jsonScanner.js';

export interface HitsPage {
  readonly hits: Hit[];
  readonly failedShards: number;
  readonly totalShards: number;
  readonly timedOut: boolean;
  readonly scrollId: string | undefined;
}

export interface Hit {
  /** Empty if the request asked for no stored fields. */
  readonly id: string;
  readonly routing: string | undefined;
  /** If the request had no `seq_no_primary_term`: -2, the engine's value for "none". */
  readonly seqNo: number;
  /** 0 if the request had no `seq_no_primary_term`. */
  readonly term: number;
  readonly version: bigint | undefined;
  /** A view into the answer. It keeps the whole answer in memory. */
  readonly source: Buffer | undefined;
}

/** One item of an `_mget`. */
export interface Doc extends Hit {
  readonly index: string;
  /** Also false if `error` is set. */
  readonly found: boolean;
  readonly error: { readonly type: string; readonly reason: string } | undefined;
}

const SEARCH = new Keys('hits', '_shards', 'timed_out', '_scroll_id');
const SHARDS = new Keys('total', 'failed');
const HITS = new Keys('hits');
const DOCS = new Keys('docs');

/** @param withIds false if no stored fields were requested @throws TwindexError `unanswered` */
export function parseHits(body: Buffer, withIds = true): HitsPage {
  const scanner = new JsonScanner(body);
  const hits: Hit[] = [];
  let shards: { total: number; failed: number } | undefined;
  let timedOut = false;
  let scrollId: string | undefined;
  if (!scanner.enterObject()) throw notAnAnswer('_search', body);
  for (let key = scanner.nextKey(SEARCH); key !== END; key = scanner.nextKey(SEARCH)) {
    if (key === 0) readHits(scanner, hits, withIds);
    else if (key === 1) shards = readShards(scanner);
    else if (key === 2) timedOut = scanner.boolean();
    else if (key === 3) scrollId = scanner.string();
    else scanner.skip();
  }
  // Without `_shards`, it is unknown whether hits are missing. (filter_path leaves out empty `hits`.)
  if (!shards) throw notAnAnswer('_search', body);
  return { hits, failedShards: shards.failed, totalShards: shards.total, timedOut, scrollId };
}

/** @throws TwindexError `unanswered` if the bytes are no answer to an `_mget` */
export function parseDocs(body: Buffer): Doc[] {
  const scanner = new JsonScanner(body);
  let docs: Doc[] | undefined;
  if (!scanner.enterObject()) throw notAnAnswer('_mget', body);
  for (let key = scanner.nextKey(DOCS); key !== END; key = scanner.nextKey(DOCS)) {
    if (key !== 0) {
      scanner.skip();
      continue;
    }
    docs = [];
    if (!scanner.enterArray()) throw notAnAnswer('_mget', body);
    while (scanner.nextElement()) docs.push(readDocument(scanner));
  }
  if (!docs) throw notAnAnswer('_mget', body);
  return docs;
}

function readHits(scanner: JsonScanner, hits: Hit[], withIds: boolean): void {
  scanner.enterObject();
  for (let key = scanner.nextKey(HITS); key !== END; key = scanner.nextKey(HITS)) {
    if (key === 0 && scanner.enterArray()) {
      while (scanner.nextElement()) {
        const { id, routing, seqNo, term, version, source } = readDocument(scanner, withIds);
        hits.push({ id, routing, seqNo, term, version, source });
      }
    } else {
      scanner.skip();
    }
  }
}

function readShards(scanner: JsonScanner): { total: number; failed: number } {
  const shards = { total: 0, failed: 0 };
  scanner.enterObject();
  for (let key = scanner.nextKey(SHARDS); key !== END; key = scanner.nextKey(SHARDS)) {
    if (key === 0) shards.total = scanner.number();
    else if (key === 1) shards.failed = scanner.number();
    else scanner.skip();
  }
  return shards;
}

const DOCUMENT = new Keys(
  '_id',
  '_seq_no',
  '_primary_term',
  '_source',
  '_version',
  '_routing',
  '_index',
  'found',
  'error',
);

function readDocument(scanner: JsonScanner, withId = true): Doc {
  let index = '';
  let id: string | undefined;
  let routing: string | undefined;
  let found = false;
  let seqNo = -2;
  let term = 0;
  let version: bigint | undefined;
  let source: Buffer | undefined;
  let error: Doc['error'];
  if (!scanner.enterObject()) throw unreadable();
  for (let key = scanner.nextKey(DOCUMENT); key !== END; key = scanner.nextKey(DOCUMENT)) {
    if (key === 0) id = scanner.string();
    else if (key === 1) seqNo = scanner.number();
    else if (key === 2) term = scanner.number();
    else if (key === 3) source = scanner.raw();
    else if (key === 4) version = scanner.bigint();
    else if (key === 5) routing = scanner.string();
    else if (key === 6) index = scanner.string();
    else if (key === 7) found = scanner.boolean();
    else if (key === 8) error = readError(scanner.raw());
    else scanner.skip();
  }
  if (id === undefined && withId) throw unreadable();
  return { index, id: id ?? '', routing, found, seqNo, term, version, source, error };
}

function unreadable(): TwindexError {
  return new TwindexError(
    'unanswered',
    'an answer of the engine cannot be read: a document has no _id, or the one before it ends in a // comment',
  );
}

export function readError(bytes: Buffer): { readonly type: string; readonly reason: string } {
  const error = JSON.parse(bytes.toString()) as string | Parameters<typeof fullReason>[0];
  return typeof error === 'string'
    ? { type: 'error', reason: error }
    : { type: error.type, reason: fullReason(error) };
}

export function notAnAnswer(api: string, body: Buffer): TwindexError {
  return new TwindexError(
    'unanswered',
    `the answer to ${api} is not one of Elasticsearch or OpenSearch: ${body.toString('utf8', 0, 200)}`,
  );
}
