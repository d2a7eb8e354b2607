import { describe, expect, it } from 'vitest';
import type { RoleContext } from '../lease/roleContext.js';
import { asWrite } from './partialUpdate.js';
import type { Write } from '../request/clientRequest.js';

const update: Write = {
  action: 'update',
  name: 'a',
  clientIndex: 'a-write',
  id: '1',
  routing: 'r',
  version: undefined,
  body: Buffer.from('{"doc":{}}'),
  params: { _source: 'true', retry_on_conflict: '3', pipeline: 'p', timeout: '3s' },
};
const key = { id: '1', routing: 'r' };
const context = { roles: { followerVersion: 2 } } as RoleContext;
const document = Buffer.from('{"n":1}');
const doc = { seqNo: 4, term: 2, routing: undefined };
const asked = { docAsUpsert: false };

describe('the write that is made from a partial update', () => {
  it('is conditional on the document that was read', () => {
    const write = asWrite({ write: update, key, context, inBulk: false }, document, doc, asked);
    expect(write).toMatchObject({ action: 'index', version: 2, body: document, routing: 'r' });
    expect(write.params).toEqual({ timeout: '3s', pipeline: 'p', if_seq_no: '4', if_primary_term: '2' });
  });

  it('keeps the routing of the document where the update names none', () => {
    const parts = { write: update, key: { id: '1', routing: undefined }, context, inBulk: false };
    expect(asWrite(parts, document, { ...doc, routing: 'kept' }, asked).routing).toBe('kept');
    expect(asWrite(parts, document, undefined, asked).routing).toBeUndefined();
  });

  it('is a creation where there is no document', () => {
    const write = asWrite({ write: update, key, context, inBulk: false }, document, undefined, asked);
    expect(write.action).toBe('create');
    expect(write.params).toEqual({ timeout: '3s', pipeline: 'p' });
  });

  it('goes, in a bulk, through the pipelines that the engine runs', () => {
    const parts = { write: update, key, context, inBulk: true };
    expect(asWrite(parts, document, doc, asked).params['pipeline']).toBe('_none');
    expect(asWrite(parts, document, undefined, asked).params['pipeline']).toBe('p');
    expect(asWrite(parts, document, undefined, { docAsUpsert: true }).params).not.toHaveProperty('pipeline');
  });
});
