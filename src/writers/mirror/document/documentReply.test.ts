import { describe, expect, it } from 'vitest';
import { parseDocumentReply, printDocumentReply } from './documentReply.js';

const UPDATED =
  '{"_index":"catalogue-v1","_id":"1","_version":2,"result":"updated","_shards":{"total":1,"successful":1,"failed":0},' +
  '"_seq_no":12,"_primary_term":1,"get":{"_seq_no":12,"_primary_term":1,"found":true,"_source":{"name":"twindex.catalogue.w.3"}}}';
const rename = { from: 'twindex.catalogue.w.3', to: 'catalogue-write' };

function shown(status: number, body: string, params: Record<string, string> = {}, withoutGet = true): string {
  const reply = parseDocumentReply(status, Buffer.from(body));
  return printDocumentReply(reply, { rename, withoutGet }, params).toString();
}

describe('the answer to a write of a document', () => {
  it('is read', () => {
    const { source, ...reply } = parseDocumentReply(200, Buffer.from(UPDATED));
    expect(reply).toMatchObject({
      status: 200,
      index: 'catalogue-v1',
      id: '1',
      seqNo: 12,
      term: 1,
      result: 'updated',
      type: undefined,
    });
    expect(source?.toString()).toBe('{"name":"twindex.catalogue.w.3"}');
  });

  it('is known by its status alone when it is no JSON', () => {
    for (const body of ['', '<html>', '{"_seq_no":', '{"error":{', '[]'])
      expect(parseDocumentReply(502, Buffer.from(body))).toMatchObject({
        status: 502,
        seqNo: undefined,
        result: undefined,
      });
    expect(shown(502, '<html>', { pretty: '' })).toBe('<html>');
  });

  it('lacks a document that the client did not ask for, and keeps the rest byte for byte', () => {
    expect(shown(200, UPDATED)).toBe(`${UPDATED.slice(0, UPDATED.indexOf(',"get"'))}}`);
    expect(shown(200, UPDATED, {}, false)).toBe(UPDATED);
  });

  it('keeps the `get` that the engine adds unasked for a scripted upsert that did nothing', () => {
    const nothing = '{"_index":"catalogue-v1","_id":"1","_version":-1,"result":"noop","get":{"found":false}}';
    expect(shown(200, nothing)).toBe(nothing);
    const deleted = '{"_id":"1","result":"deleted","get":{"_seq_no":0,"_primary_term":1,"found":true}}';
    expect(shown(200, deleted)).toBe('{"_id":"1","result":"deleted"}');
  });

  it('has the name that the client wrote in errors, and not in documents', () => {
    const error =
      '{"error":{"type":"illegal_argument_exception","reason":"for alias [twindex.catalogue.w.3]"},"status":400}';
    expect(parseDocumentReply(400, Buffer.from(error))).toMatchObject({ type: 'illegal_argument_exception' });
    expect(shown(400, error)).toBe(error.replace('twindex.catalogue.w.3', 'catalogue-write'));
    expect(shown(200, UPDATED, {}, false)).toContain('twindex.catalogue.w.3');
  });

  it('is filtered unless it is an error', () => {
    expect(shown(200, UPDATED, { filter_path: '_id,get' })).toBe('{"_id":"1"}');
    const error = '{"error":"x","status":400}';
    expect(shown(400, error, { filter_path: '_id' })).toBe(error);
  });
});
