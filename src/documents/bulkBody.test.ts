import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BulkBody } from './bulkBody.js';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"', '\\', '\n', '😀', '/'),
);

function lines(body: Buffer): unknown[] {
  const printed = body.toString();
  expect(printed.endsWith('\n') || printed === '').toBe(true);
  return printed
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}

describe('BulkBody', () => {
  it('writes an index as two lines and a delete as one, the index only through an alias', () => {
    const body = new BulkBody();
    body.index({ id: '1', routing: undefined, version: 14n, source: Buffer.from('{"a":1}') });
    body.delete({ id: '2', routing: 'r', version: 9223372036854775807n });
    expect([body.count, body.bytes]).toEqual([2, body.take().length]);
    body.index({ id: '1', routing: undefined, version: 14n, source: Buffer.from('{"a":1}') });
    body.delete({ id: '2', routing: 'r', version: 9223372036854775807n });
    expect(body.take().toString()).toBe(
      '{"index":{"_id":"1","version":14,"version_type":"external","require_alias":true}}\n{"a":1}\n' +
        '{"delete":{"_id":"2","routing":"r","version":9223372036854775807,"version_type":"external"}}\n',
    );
  });

  it('writes external_gte when that is asked for', () => {
    const body = new BulkBody({ versionType: 'external_gte' });
    body.index({ id: '1', routing: undefined, version: 1n, source: Buffer.from('{}') });
    body.delete({ id: '1', routing: undefined, version: 1n });
    expect(
      body
        .take()
        .toString()
        .match(/"version_type":"external_gte"/g),
    ).toHaveLength(2);
  });

  it('carries any id, routing and document, pretty-printed or not, on lines of their own', () => {
    const operation = fc.record({
      id: text,
      routing: fc.option(text, { nil: undefined }),
      version: fc.bigInt({ min: 0n, max: 2n ** 53n }),
      source: fc.dictionary(text, fc.jsonValue()),
      indent: fc.constantFrom('', '\t', '\r\n  '),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 20 }), (operations) => {
        const body = new BulkBody();
        for (const { source, indent, ...rest } of operations) {
          body.index({ ...rest, source: Buffer.from(JSON.stringify(source, null, indent)) });
        }
        const expected = operations.flatMap(({ id, routing, version, source }) => [
          {
            index: {
              _id: id,
              ...(routing === undefined ? {} : { routing }),
              version: Number(version),
              version_type: 'external',
              require_alias: true,
            },
          },
          JSON.parse(JSON.stringify(source)) as unknown,
        ]);
        expect(lines(body.take())).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('does not let a line comment swallow the rest of a document', () => {
    const body = new BulkBody();
    const source = '{"url":"http://x/*" // it\'s "here"\n, /* " */ "b":2}';
    body.index({ id: '1', routing: undefined, version: 1n, source: Buffer.from(source) });
    expect(lines(body.take())[1]).toEqual({ url: 'http://x/*', b: 2 });
  });

  it('leaves the document that it was given untouched', () => {
    const source = Buffer.from('{\n"a": 1}');
    new BulkBody().index({ id: '1', routing: undefined, version: 1n, source });
    expect(source.toString()).toBe('{\n"a": 1}');
  });

  it('grows for a large document, is empty after take, and leaves the bytes taken alone', () => {
    const body = new BulkBody();
    const large = Buffer.from(JSON.stringify({ text: 'é'.repeat(500_000) }));
    const head = '{"delete":{"_id":"z","version":9,"version_type":"external"}}\n{"index":';
    body.delete({ id: 'z', routing: undefined, version: 9n });
    body.index({ id: 'a', routing: undefined, version: 1n, source: large });
    const first = body.take();
    expect(first.toString('utf8', 0, head.length)).toBe(head);
    expect([body.bytes, body.count]).toEqual([0, 0]);
    body.delete({ id: 'b', routing: undefined, version: 2n });
    expect(body.bytes).toBe(body.take().length);
    expect(first.subarray(-large.length - 1, -1).equals(large)).toBe(true);
  });
  it('has room for ids that take more bytes than characters', () => {
    const body = new BulkBody();
    const id = 'é'.repeat(50_000);
    body.delete({ id, routing: undefined, version: 1n });
    expect(lines(body.take())).toEqual([{ delete: { _id: id, version: 1, version_type: 'external' } }]);
  });
});
