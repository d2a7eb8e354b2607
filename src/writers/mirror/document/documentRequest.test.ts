import { describe, expect, it } from 'vitest';
import { printDocument, wantedSource } from './documentRequest.js';
import type { Write } from '../request/clientRequest.js';

const BODY = Buffer.from('{"x":1}');

const write = (change: Partial<Write> = {}): Write => ({
  action: 'index',
  name: 'catalogue',
  clientIndex: 'catalogue-write',
  id: '1',
  routing: undefined,
  version: undefined,
  body: BODY,
  params: {},
  ...change,
});

describe('the request for a document', () => {
  it.each([
    [{}, 'PUT /w/_doc/1'],
    [{ id: undefined }, 'POST /w/_doc'],
    [{ action: 'create' }, 'PUT /w/_create/1'],
    [{ action: 'create', id: undefined }, 'POST /w/_doc?op_type=create'],
    [{ action: 'update', routing: 'a b' }, 'POST /w/_update/1?routing=a%20b'],
    [{ action: 'delete', body: undefined, params: { refresh: '' } }, 'DELETE /w/_doc/1?refresh'],
    [{ id: 'a/b é?' }, 'PUT /w/_doc/a%2Fb%20%C3%A9%3F'],
    [{ params: { filter_path: '_id', pretty: '', timeout: '3s' } }, 'PUT /w/_doc/1?timeout=3s'],
  ] as [Partial<Write>, string][])('of %j is %s', (change, expected) => {
    const { method, path, body } = printDocument(write(change), { index: 'w' });
    expect(`${method} ${path}`).toBe(expected);
    expect(body).toBe('body' in change ? change.body : BODY);
  });

  it('has the parameters that are set, and lacks those that are removed', () => {
    const changed = printDocument(write({ action: 'update', params: { _source: 'a', timeout: '3s' } }), {
      index: 'twindex.a.w.3',
      action: 'create',
      id: '2',
      body: Buffer.from('{}'),
      set: { _source: true, timeout: undefined, if_seq_no: 3n },
    });
    expect(changed).toEqual({
      method: 'PUT',
      path: '/twindex.a.w.3/_create/2?_source=true&if_seq_no=3',
      body: Buffer.from('{}'),
    });
  });
});

describe('the part of _source in the answer to an update', () => {
  const wanted = (params: Record<string, string>, body: string, inBulk: boolean) =>
    wantedSource({ params, body: Buffer.from(body) }, inBulk);

  it.each([
    [{}, '{"doc":{}}', 'none', 'none'],
    [{ _source: 'true' }, '{"doc":{}}', 'whole', 'whole'],
    [{ _source: '' }, '{"doc":{}}', 'whole', 'whole'],
    [{ _source: 'a,b' }, '{"doc":{}}', 'filtered', 'filtered'],
    [{ _source: 'true', _source_includes: 'a' }, '{"doc":{}}', 'filtered', 'filtered'],
    [{}, '{"doc":{},"_source":true}', 'whole', 'whole'],
    [{}, '{"doc":{},"_source":["a"]}', 'filtered', 'filtered'],
    [{ _source: 'true' }, '{"doc":{},"_source":false}', 'none', 'whole'],
    [{ _source: 'false' }, '{"doc":{},"_source":true}', 'whole', 'none'],
    [{ _source: 'true' }, 'no JSON', 'whole', 'whole'],
  ])('%j and %s: alone %s, in a bulk %s', (params, body, alone, inBulk) => {
    expect([
      wanted(params as Record<string, string>, body, false),
      wanted(params as Record<string, string>, body, true),
    ]).toEqual([alone, inBulk]);
  });
});
