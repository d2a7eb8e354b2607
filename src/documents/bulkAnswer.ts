// What a `_bulk` answer says of each operation, and what that means for follow.
import { passesByItself } from '../cluster/engineErrors.js';
import { notAnAnswer, readError } from './hits.js';
import { END, JsonScanner, Keys, OTHER } from '../json/jsonScanner.js';

const ACTIONS = ['index', 'delete', 'create', 'update'] as const;

type BulkAction = (typeof ACTIONS)[number];

export interface BulkItem {
  readonly status: number;
  readonly action: BulkAction;
  readonly id: string;
  readonly seqNo: number | undefined;
  /** The engine's error, where the operation failed. */
  readonly type: string | undefined;
  readonly reason: string | undefined;
}

/**
 * - `done`: the index has it
 * - `conflict`: the index has this or something newer already
 * - `busy`: try it again later
 * - `refused`: the engine will never take this document as it is
 * - `blocked`: the index takes no writes at all now
 * - `fenced`: the alias is closed or gone: the migration is no longer ours to write to
 */
export type BulkOutcome = 'done' | 'conflict' | 'busy' | 'refused' | 'blocked' | 'fenced';

const ERRORS = new Keys('errors');
const ITEMS = new Keys('items');
const ACTION_KEYS = new Keys(...ACTIONS);
const ITEM = new Keys('status', '_id', '_seq_no', 'error');

/** True when the answer (status 200) says that every operation is done, without a look at its items. */
export function bulkSucceeded(body: Buffer): boolean {
  const scanner = new JsonScanner(body);
  if (!scanner.enterObject()) throw notAnAnswer('_bulk', body);
  for (let key = scanner.nextKey(ERRORS); key !== END; key = scanner.nextKey(ERRORS)) {
    if (key === 0) return !scanner.boolean();
    scanner.skip();
  }
  return false;
}

/**
 * The items of a `_bulk` answer (status 200), in the order of the request.
 * @throws TwindexError `unanswered` when the bytes are not such an answer
 */
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

/** What an item means for somebody who writes external versions through an alias that can be closed. */
export function sortOutcome(item: Pick<BulkItem, 'status' | 'action' | 'type' | 'reason'>): BulkOutcome {
  const { status, type } = item;
  if (status >= 200 && status < 300) return 'done';
  if (isFenced(item)) return 'fenced';
  if (status === 404 && item.action === 'delete' && type === undefined) return 'done'; // nothing was there; its tombstone is
  // an index that demands a routing has no document without one, so there is nothing to delete
  if (item.action === 'delete' && type === 'routing_missing_exception') return 'done';
  if (status === 409) return 'conflict';
  if (status === 503 || type === 'shard_not_found_exception') return 'busy';
  if (isBlocked(item)) return 'blocked';
  if (status === 429) return 'busy';
  if (status >= 400 && status < 500) return 'refused';
  return 'busy';
}

/** It is `busy`, and not for a reason that is known to pass: when it was tried again and again, the document is to blame. */
export const mayNeverPass = ({ status, type }: Pick<BulkItem, 'status' | 'type'>): boolean =>
  status >= 500 && status !== 503 && !passesByItself(type ?? '');

/** True when the alias that an operation was sent to is closed or gone: it was not done. */
export function isFenced({ status, type, reason }: Pick<BulkItem, 'status' | 'type' | 'reason'>): boolean {
  if (status === 404) return type === 'index_not_found_exception';
  // the names of our aliases can't be those of an index (src/protocol/names.ts)
  if (status === 400 && type === 'invalid_index_name_exception') return true;
  // The engine has no type of its own for a closed alias: the one place where a message is looked at.
  return (
    status === 400 &&
    type === 'illegal_argument_exception' &&
    (reason ?? '').startsWith('no write index is defined for alias')
  );
}

/** None of these is the document's fault, so none of them may make a rejected document. */
function isBlocked({ status, type }: Pick<BulkItem, 'status' | 'type'>): boolean {
  // A full disk's block has status 429 and goes only when somebody makes room.
  if (type === 'cluster_block_exception' || type === 'index_closed_exception') return true;
  return status === 401 || status === 403;
}
