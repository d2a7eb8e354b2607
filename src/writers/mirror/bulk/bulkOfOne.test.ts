import { describe, expect, it } from 'vitest';
import { printBulkOfOne } from './bulkOfOne.js';

describe('printBulkOfOne', () => {
  it('writes parameters of a single request as metadata', () => {
    const write = {
      action: 'update',
      name: 'a',
      clientIndex: 'a',
      id: '1.50',
      routing: undefined,
      version: undefined,
      body: Buffer.from('{"doc":{}}'),
      params: { if_seq_no: '4', require_alias: 'true', dynamic_templates: '{"a":"b"}', gone: 'x' },
    } as const;
    const changes = { index: 'i', set: { gone: undefined, pipeline: '_none' } };
    expect(printBulkOfOne(write, changes).toString()).toBe(
      '{"update":{"_id":"1.50","if_seq_no":"4","require_alias":true,"dynamic_templates":{"a":"b"},"pipeline":"_none"}}\n' +
        '{"doc":{}}\n',
    );
  });
});
