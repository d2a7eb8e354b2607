// Reads a `_bulk` answer, and classifies the outcome of each operation.
import { isTransient } from '../cluster/engineErrors.js';
import { notAnAnswer, readError } from './hits.js';
import { END, JsonScanner, Keys, OTHER } from '../json/jsonScanner.js';

const ACTIONS = ['index', 'delete', 'create', 'update'] as const;

type BulkAction = (typeof ACTIONS)[number];

export interface BulkItem {
  readonly status: number;
  readonly action: BulkAction;
  readonly id: string;
  readonly seqNo: number | undefined;
  readonly type: string | undefined;
  readonly reason: string | undefined;
}

/**
 * - `done`: the index has the operation
 * - `conflict`: the index already has this operation, or a newer one
 * - `busy`: to be sent again later
 * - `refused`: the engine will never accept this document
 * - `blocked`: the index accepts no writes at all
 * - `fenced`: the alias is closed or gone, because the migration was taken over or its roles have changed
 */
export type BulkOutcome = 'done' | 'conflict' | 'busy' | 'refused' | 'blocked' | 'fenced';

const ERRORS = new Keys('errors');
const ITEMS = new Keys('items');
const ACTION_KEYS = new Keys(...ACTIONS);
const ITEM = new Keys('status', '_id', '_seq_no', 'error');

/** Whether all operations succeeded. The answer must have status 200. Its items are not read. */
export function bulkSucceeded(body: Buffer): boolean {
  const scanner = new JsonScanner(body);
  if (!scanner.enterObject()) throw notAnAnswer('_bulk', body);
  for (let key = scanner.nextKey(ERRORS); key !== END; key = scanner.nextKey(ERRORS)) {
    if (key === 0) return !scanner.boolean();
    scanner.skip();
  }
  return false;
}

/** @throws TwindexError `unanswered` if the bytes are no answer to a `_bulk` */
export function parseBulkAnswer(body: Buffer): BulkItem[] {
  const scanner = new JsonScanner(body);
  let items: BulkItem[] | undefined;
  if (!scanner.enterObject()) throw notAnAnswer('_bulk', body);
  for (let key = scanner.nextKey(ITEMS); key !== END; key = scanner.nextKey(ITEMS)) {
    if (key === 0 && scanner.enterArray()) {
      items = [];
      while (scanner.nextElement()) items.push(readItem(scanner, body));
    } else {
      scanner.skip();
    }
  }
  if (!items) throw notAnAnswer('_bulk', body);
  return items;
}

function readItem(scanner: JsonScanner, body: Buffer): BulkItem {
  let item: BulkItem | undefined;
  scanner.enterObject();
  for (let key = scanner.nextKey(ACTION_KEYS); key !== END; key = scanner.nextKey(ACTION_KEYS)) {
    if (key === OTHER) scanner.skip();
    else item = readOutcome(scanner, ACTIONS[key] as BulkAction);
  }
  if (!item) throw notAnAnswer('_bulk', body);
  return item;
}

function readOutcome(scanner: JsonScanner, action: BulkAction): BulkItem {
  let status = 0;
  let id = '';
  let seqNo: number | undefined;
  let error: ReturnType<typeof readError> | undefined;
  scanner.enterObject();
  for (let key = scanner.nextKey(ITEM); key !== END; key = scanner.nextKey(ITEM)) {
    if (key === 0) status = scanner.number();
    else if (key === 1) id = scanner.string();
    else if (key === 2) seqNo = scanner.number();
    else if (key === 3) error = readError(scanner.raw());
    else scanner.skip();
  }
  return { status, action, id, seqNo, type: error?.type, reason: error?.reason };
}

/** Classifies the outcome of a write with an external version, through an alias that can be closed. */
export function sortOutcome(item: Pick<BulkItem, 'status' | 'action' | 'type' | 'reason'>): BulkOutcome {
  const { status, type } = item;
  if (status >= 200 && status < 300) return 'done';
  if (isFenced(item)) return 'fenced';
  // The document was missing, and has a tombstone now.
  if (status === 404 && item.action === 'delete' && type === undefined) return 'done';
  // An index that requires a routing has no document without a routing, so there is nothing to delete.
  if (item.action === 'delete' && type === 'routing_missing_exception') return 'done';
  if (status === 409) return 'conflict';
  if (status === 503 || type === 'shard_not_found_exception') return 'busy';
  if (isBlocked(item)) return 'blocked';
  if (status === 429) return 'busy';
  if (status >= 400 && status < 500) return 'refused';
  return 'busy';
}

/** Whether the error of a `busy` item may be permanent, because the document itself causes it. */
export const mayBePermanent = ({ status, type }: Pick<BulkItem, 'status' | 'type'>): boolean =>
  status >= 500 && status !== 503 && !isTransient(type ?? '');

/** Whether the alias of an operation is closed or gone, so that the operation was not done. */
export function isFenced({ status, type, reason }: Pick<BulkItem, 'status' | 'type' | 'reason'>): boolean {
  if (status === 404) return type === 'index_not_found_exception';
  // If the alias is gone, the engine tries to create an index, and refuses the capital letter in its name.
  if (status === 400 && type === 'invalid_index_name_exception') return true;
  // The engine has no error type of its own for a closed alias, so the text of the error is compared.
  return (
    status === 400 &&
    type === 'illegal_argument_exception' &&
    (reason ?? '').startsWith('no write index is defined for alias')
  );
}

/**
 * Whether the index accepts no writes. The document does not cause this, so it must not become a rejected
 * document.
 */
function isBlocked({ status, type }: Pick<BulkItem, 'status' | 'type'>): boolean {
  // The block of a full disk has status 429, and stays until somebody makes room.
  if (type === 'cluster_block_exception' || type === 'index_closed_exception') return true;
  return status === 401 || status === 403;
}
