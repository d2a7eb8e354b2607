import { describe, expect, it } from 'vitest';
import {
  type BulkHead,
  failedItem,
  parseBulkReply,
  printBulkReply,
  type ReplyItem,
  type ShownItem,
} from './bulkReply.js';

const shards = { total: 1, successful: 1, failed: 0 };
const done = (id: string, more: object = {}) => ({
  _index: 'catalogue-v1',
  _id: id,
  _version: 1,
  result: 'created',
  _shards: shards,
  _seq_no: 7,
  _primary_term: 2,
  ...more,
});
const closed = {
  _index: 'twindex.catalogue.w.3',
  _id: '9',
  status: 400,
  error: {
    type: 'illegal_argument_exception',
    reason:
      'no write index is defined for alias [twindex.catalogue.w.3]. The write index may be explicitly disabled',
  },
};
const openSearch = (items: object[], errors = false) =>
  Buffer.from(JSON.stringify({ took: 3, errors, items }));

const shown = (item: ReplyItem, change: Partial<ShownItem> = {}): ShownItem => ({
  item,
  action: item.action,
  rename: undefined,
  withoutGet: false,
  ...change,
});

function reply(head: BulkHead, items: ShownItem[], params: Record<string, string> = {}): string {
  return printBulkReply(head, items, params).toString();
}

describe('the answer to a bulk', () => {
  const get = { _seq_no: 8, _primary_term: 2, found: true, _source: { a: { get: '}' } } };
  const body = openSearch(
    [
      { index: { ...done('1'), status: 201 } },
      { update: { ...done('2', { result: 'updated', get }), status: 200 } },
      { delete: { ...done('3', { result: 'not_found' }), status: 404 } },
      { create: closed },
    ],
    true,
  );

  it('is read', () => {
    const { items, ...head } = parseBulkReply(body);
    expect(head).toEqual({ took: 3, ingestTook: undefined, errorsFirst: false });
    expect(
      items.map(({ raw: _raw, source, ...item }) => ({ ...item, source: source?.toString() })),
    ).toMatchObject([
      {
        action: 'index',
        status: 201,
        index: 'catalogue-v1',
        id: '1',
        seqNo: 7,
        term: 2,
        result: 'created',
        type: undefined,
      },
      { action: 'update', status: 200, result: 'updated', source: '{"a":{"get":"}"}}' },
      { action: 'delete', status: 404, result: 'not_found', type: undefined },
      {
        action: 'create',
        status: 400,
        index: 'twindex.catalogue.w.3',
        seqNo: undefined,
        type: 'illegal_argument_exception',
      },
    ]);
  });

  it('is read and printed in the order of each engine', () => {
    const items = '[{"index":{"_index":"a","_id":"1","status":201}}]';
    for (const text of [
      `{"took":3,"errors":false,"items":${items}}`,
      `{"took":3,"ingest_took":4,"errors":false,"items":${items}}`,
      `{"errors":false,"took":3,"items":${items}}`,
      `{"errors":false,"took":3,"ingest_took":4,"items":${items}}`,
    ]) {
      const read = parseBulkReply(Buffer.from(text));
      expect(
        reply(
          read,
          read.items.map((item) => shown(item)),
        ),
      ).toBe(text);
    }
  });

  it('keeps the bytes of items that need no change', () => {
    const read = parseBulkReply(body);
    expect(
      reply(
        read,
        read.items.map((item) => shown(item)),
      ),
    ).toBe(body.toString());
  });

  it('shows the client its own action and name, and no document that it did not ask for', () => {
    const read = parseBulkReply(body);
    const rename = { from: 'twindex.catalogue.w.3', to: 'my"alias' };
    const [first, second, , last] = read.items as [ReplyItem, ReplyItem, ReplyItem, ReplyItem];
    const text = reply(read, [
      shown(first, { rename, withoutGet: true }),
      shown(second, { withoutGet: true }),
      shown(last, { rename, action: 'index' }),
    ]);
    expect(JSON.parse(text)).toEqual({
      took: 3,
      errors: true,
      items: [
        { index: { ...done('1'), status: 201 } },
        { update: { ...done('2', { result: 'updated' }), status: 200 } },
        {
          index: {
            ...closed,
            _index: 'my"alias',
            error: {
              ...closed.error,
              reason: closed.error.reason.replace('twindex.catalogue.w.3', 'my"alias'),
            },
          },
        },
      ],
    });
  });

  it('reports errors when one of its items has one, whichever answer the item came from', () => {
    const read = parseBulkReply(body);
    const [first] = read.items as [ReplyItem];
    const refused = failedItem('index', 'catalogue-write', undefined, {
      status: 400,
      type: 't',
      reason: 'r',
    });
    expect(reply(read, [shown(first)])).toContain('"errors":false');
    expect(JSON.parse(reply(read, [shown(first), shown(refused)]))).toMatchObject({
      errors: true,
      items: [
        {},
        { index: { _index: 'catalogue-write', _id: null, status: 400, error: { type: 't', reason: 'r' } } },
      ],
    });
  });

  it('is filtered and pretty-printed last', () => {
    const read = parseBulkReply(body);
    const params = { filter_path: 'errors,items.*.status', pretty: '' };
    expect(
      reply(
        read,
        read.items.slice(0, 1).map((item) => shown(item)),
        params,
      ),
    ).toBe(
      '{\n  "errors" : false,\n  "items" : [\n    {\n      "index" : {\n        "status" : 201\n      }\n    }\n  ]\n}\n',
    );
  });

  it('is refused when it is something else', () => {
    for (const text of ['', '<html>', '[]', '{"took":1}', '{"items":[1]}', '{"items":[{"x":{}}]}'])
      expect(() => parseBulkReply(Buffer.from(text))).toThrow();
  });
});
