// Builds the requests of one release of the application, and interprets the responses.
import type { Key } from './catalogue.js';
import { type Change, SELL_SCRIPT } from './change.js';
import { parseExactJson, printExactJson } from './demoJson.js';
import type { Reply } from './http.js';
import { documentOf, priceFields } from './schemas.js';

export interface Item {
  readonly key: Key;
  readonly change: Change;
  /** True if other writers also write this document, so that it may already be missing when this writer deletes it. */
  readonly shared: boolean;
}

export type Outcome =
  | { readonly type: 'acknowledged' }
  /**
   * Not carried out, but a retry may help: the alias has no write index, the index is blocked, the engine is busy, or
   * the document has the shape of another version.
   */
  | { readonly type: 'refused'; readonly reason: string; readonly mayBeOldShape: boolean }
  /** Not carried out, and a retry would not help. */
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'unanswered'; readonly reason: string; readonly excused?: boolean };

export interface WireRequest {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: string;
}

export function requestFor(alias: string, items: readonly Item[], version: number): WireRequest {
  const [first, ...others] = items;
  if (first && others.length === 0) return singleRequest(alias, first, version);
  const lines = items.flatMap((item) => bulkLines(item, version));
  return { method: 'POST', path: `/${alias}/_bulk`, body: `${lines.join('\n')}\n` };
}

function singleRequest(alias: string, { key, change }: Item, version: number): WireRequest {
  const id = encodeURIComponent(key.id);
  const routing = key.routing === undefined ? '' : `?routing=${encodeURIComponent(key.routing)}`;
  const body = bodyOf(change, version);
  switch (change.kind) {
    case 'index':
      return { method: 'PUT', path: `/${alias}/_doc/${id}${routing}`, body };
    case 'create':
      return { method: 'PUT', path: `/${alias}/_create/${id}${routing}`, body };
    case 'delete':
      return { method: 'DELETE', path: `/${alias}/_doc/${id}${routing}` };
    case 'update':
    case 'sell':
      return { method: 'POST', path: `/${alias}/_update/${id}${routing}`, body };
    default:
      return change satisfies never;
  }
}

function bulkLines({ key, change }: Item, version: number): string[] {
  const action = change.kind === 'sell' ? 'update' : change.kind;
  const head = { [action]: { _id: key.id, ...(key.routing === undefined ? {} : { routing: key.routing }) } };
  return change.kind === 'delete' ? [JSON.stringify(head)] : [JSON.stringify(head), bodyOf(change, version)];
}

function bodyOf(change: Change, version: number): string {
  switch (change.kind) {
    case 'index':
    case 'create':
      return printExactJson(documentOf(change.product, version));
    case 'update':
      return printExactJson({ doc: { ...change.fields, ...priceFields(change.money, version) } });
    case 'sell':
      return JSON.stringify({
        script: { lang: 'painless', source: SELL_SCRIPT, params: { pieces: change.pieces } },
      });
    case 'delete':
      return '';
    default:
      return change satisfies never;
  }
}

interface ItemAnswer {
  readonly status: number;
  readonly error?: { readonly type?: string; readonly reason?: string };
}

export function outcomesOf(items: readonly Item[], reply: Reply): Outcome[] {
  if (items.length === 1) return [outcomeOf(items[0] as Item, itemAnswer(reply))];
  if (reply.status >= 300) {
    const whole = itemAnswer(reply);
    return items.map((item) => outcomeOf(item, whole));
  }
  const answers = (parseExactJson(reply.text) as { items: Record<string, ItemAnswer>[] }).items;
  return items.map((item, at) => outcomeOf(item, Object.values(answers[at] ?? {})[0] ?? { status: 0 }));
}

function itemAnswer(reply: Reply): ItemAnswer {
  if (reply.status < 300) return { status: reply.status };
  try {
    const { error } = JSON.parse(reply.text) as { error?: ItemAnswer['error'] };
    return error ? { status: reply.status, error } : { status: reply.status };
  } catch {
    return { status: reply.status, error: { reason: reply.text.slice(0, 200) } };
  }
}

function outcomeOf(item: Item, { status, error }: ItemAnswer): Outcome {
  if (status >= 200 && status < 300) return { type: 'acknowledged' };
  if (status === 404 && item.change.kind === 'delete' && item.shared) return { type: 'acknowledged' };
  const reason = `${item.change.kind} of ${JSON.stringify(item.key.id.slice(0, 60))}: ${status} ${error?.type ?? ''} ${error?.reason ?? ''}`;
  if (status === 429 || (status === 403 && error?.type === 'cluster_block_exception')) {
    return { type: 'refused', reason, mayBeOldShape: false };
  }
  if (status === 400) {
    const closed = error?.reason?.includes('no write index is defined') ?? false;
    return { type: 'refused', reason, mayBeOldShape: !closed };
  }
  return status >= 500 || status === 0 ? { type: 'unanswered', reason } : { type: 'failed', reason };
}
