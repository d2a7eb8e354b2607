import { describe, expect, it } from 'vitest';
import { parseBulkItem } from '../bulk/bulkReply.js';
import { parseDocumentReply } from './documentReply.js';
import { withDocument } from './updateAnswer.js';

const RESULT = '"_index":"a-v1","_id":"1","result":"updated","_seq_no":4,"_primary_term":2';
const GET = '"get":{"_seq_no":4,"_primary_term":2,"found":true,"_source":{"n":1}}';
const all = { includes: [], excludes: [] };

describe('withDocument', () => {
  it('shows the document where the engine shows it, alone and in a bulk', () => {
    const alone = parseDocumentReply(200, Buffer.from(`{${RESULT}}`));
    const shown = withDocument(alone, Buffer.from('{"n":1}'), all);
    expect(shown.raw.toString()).toBe(`{${RESULT},${GET}}`);
    expect(shown.source?.toString()).toBe('{"n":1}');

    const item = parseBulkItem(Buffer.from(`{"index":{${RESULT},"status":200}}`));
    const inBulk = withDocument(item, Buffer.from('{"n":1,"m":2}'), { includes: ['n'], excludes: [] });
    expect(inBulk.raw.toString()).toBe(`{"index":{${RESULT},${GET},"status":200}}`);
  });
});
