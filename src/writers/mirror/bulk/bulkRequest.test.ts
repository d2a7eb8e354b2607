import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BulkOperation, parseBulk } from './bulkRequest.js';
import { printBulk } from './printBulk.js';

function operations(text: string | Buffer): readonly BulkOperation[] {
  const parsed = parseBulk(Buffer.from(text));
  if (parsed.type === 'malformed') throw new Error(parsed.reply.body.toString());
  return parsed.operations;
}

function reason(text: string | Buffer): string {
  const parsed = parseBulk(Buffer.from(text));
  if (parsed.type !== 'malformed') return 'taken';
  const { status, error } = JSON.parse(parsed.reply.body.toString()) as {
    status: number;
    error: { reason: string };
  };
  expect(status).toBe(400);
  return error.reason;
}

const summary = ({ action, index, id, routing, params, source }: BulkOperation) => ({
  action,
  index,
  id,
  routing,
  params,
  source: source?.toString(),
});

const printed = (sent: Parameters<typeof printBulk>[0]): string => Buffer.concat(printBulk(sent)).toString();

describe('the operations of a bulk', () => {
  it('are read with their metadata and documents', () => {
    const text = [
      '{"index":{"_index":"a","_id":"1","routing":"r","if_seq_no":4,"if_primary_term":1}}',
      '{"x":1}',
      '{"delete":{"_id":"2"}}',
      '{"create":{}}',
      '{"x":2}',
      '{"update":{"_id":"3","_source":"x","retry_on_conflict":2,"require_alias":true}}',
      '{"doc":{}}',
      '',
    ].join('\n');
    expect(operations(text).map(summary)).toEqual([
      {
        action: 'index',
        index: 'a',
        id: '1',
        routing: 'r',
        params: { if_seq_no: '4', if_primary_term: '1' },
        source: '{"x":1}',
      },
      { action: 'delete', index: undefined, id: '2', routing: undefined, params: {}, source: undefined },
      {
        action: 'create',
        index: undefined,
        id: undefined,
        routing: undefined,
        params: {},
        source: '{"x":2}',
      },
      {
        action: 'update',
        index: undefined,
        id: '3',
        routing: undefined,
        params: { _source: 'x', retry_on_conflict: '2', require_alias: 'true' },
        source: '{"doc":{}}',
      },
    ]);
  });

  it.each([
    ['{"index":{"_id":12}}', '12'],
    ['{"index":{"_id":1.50}}', '1.50'],
    ['{"index":{"_id":12345678901234567890}}', '12345678901234567890'],
    ['{"index":{"_id":true}}', 'true'],
    ['{"index":{"_id":null}}', undefined],
    ['{"index":{"_id":""}}', ''],
    ['{ "index" : { "\\u005fid" : "é\\n" } } ', 'é\n'],
    ['/*c*/{"index":{"_id":"1"}}//x', '1'],
  ])('take the id of %s', (line, id) => {
    expect(operations(`${line}\n{}\n`)[0]?.id).toBe(id);
  });

  it('have the action that op_type names', () => {
    expect(operations('{"index":{"op_type":"create","_id":"1"}}\n{}\n')[0]?.action).toBe('create');
    expect(operations('{"create":{"op_type":"index","_id":"1"}}\n{}\n')[0]?.action).toBe('create');
  });

  it('may stand between lines of white space, with carriage returns and a byte order mark', () => {
    const found = operations(
      '\ufeff{"index":{"_id":"1"}}\r\n{"x":1}\r\n\r\n \t\n\n{"delete":{"_id":"1"}}\r\n\n',
    );
    expect(found.map(({ action, source }) => [action, source?.toString()])).toEqual([
      ['index', '{"x":1}'],
      ['delete', undefined],
    ]);
  });

  it('have an empty document where its line is empty', () => {
    expect(operations('{"index":{}}\n\n')[0]?.source?.length).toBe(0);
  });

  it('end with the last operation that has a document', () => {
    expect(operations('{"delete":{"_id":"1"}}\n{"index":{"_id":"2"}}\n')).toHaveLength(1);
  });

  it('keep any document as it was sent', () => {
    const bytes = Buffer.concat([Buffer.from('{"index":{}}\n'), Buffer.from([0x7b, 0xff, 0x0d, 0x7d, 0x0a])]);
    const [operation] = operations(bytes);
    expect(operation?.source).toEqual(Buffer.from([0x7b, 0xff, 0x0d, 0x7d]));
  });

  it.each([
    ['', 'request body is required'],
    ['\n', 'Validation Failed: 1: no requests added;'],
    ['{"index":{}}\n', 'Validation Failed: 1: no requests added;'],
    ['{"index":{}}\n{}', 'The bulk request must be terminated by a newline [\\n]'],
    ['{"delete":{"_id":"1"}}', 'The bulk request must be terminated by a newline [\\n]'],
    [
      '{"delete":{"_id":"1"}}\n{"a":1}\n',
      'line [2], expected one of [create, delete, index, update] but found [a]',
    ],
    ['{"index":{}}\n\n{"a":1}\n', 'line [3], expected one of'],
    ['{"INDEX":{}}\n{}\n', 'but found [INDEX]'],
    ['{}\n', 'line [1], expected FIELD_NAME but found [END_OBJECT]'],
    ['[]\n', 'expected START_OBJECT'],
    ['1\n', 'expected START_OBJECT'],
    ['{"index":null}\n{}\n', 'expected START_OBJECT or END_OBJECT'],
    ['{"index":[]}\n{}\n', 'expected START_OBJECT or END_OBJECT'],
    ['{"index":{"_id":["1"]}}\n{}\n', 'expected a simple value for field [_id]'],
    ['{"index":{},"delete":{}}\n{}\n', 'expected END_OBJECT but found [FIELD_NAME]'],
    ['{"index":{"_id":"1","_id":"2"}}\n{}\n', "Duplicate field '_id'"],
    ['{"index":{"_index":"a","\\u005findex":"b"}}\n{}\n', "Duplicate field '_index'"],
    ['{"index":{}} x\n{}\n', 'which is not one JSON object'],
    ['{"index":{}\n{}\n', 'which is not one JSON object'],
    ['{"delete":{"_id":"1"}}\n{"index":\n{}\n', 'line [2], which is not one JSON object'],
  ])('are none at all of %j', (text, expected) => {
    expect(reason(text)).toContain(expected);
  });

  it('are refused when the metadata is not UTF-8', () => {
    expect(reason(Buffer.from('{"index":{"_id":"\xff"}}\n{}\n', 'latin1'))).toContain('which is not UTF-8');
  });

  it('may repeat a value, or a key of a nested object', () => {
    expect(operations('{"index":{"_id":"_id","dynamic_templates":{"_id":"index"}}}\n{}\n')).toHaveLength(1);
  });
});

describe('a bulk that is printed again', () => {
  it('keeps unchanged operations byte for byte', () => {
    const text = '{ "index":{"_id":1.50} }\r\n{"x": 1}\r\n\n/*c*/{"delete":{"_id":"1"}}\n';
    expect(printed(operations(text).map((operation) => ({ operation })))).toBe(
      text.replace('\r\n\n', '\r\n'),
    );
  });

  it('has changed metadata where that is asked for', () => {
    const [first, second, third] = operations(
      '{"index":{"_id":1.50,"op_type":"create","version":9223372036854775806}}\n{"x":1}\n' +
        '{"update":{"_id":"2","_source":"x"}}\n{"doc":{}}\n{"delete":{"_id":"3"}}\n',
    ) as [BulkOperation, BulkOperation, BulkOperation];
    expect(
      printed([
        { operation: first, index: 'b', set: { require_alias: true } },
        {
          operation: second,
          id: '5',
          source: Buffer.from('{"doc":\n{}}'),
          set: { _source: true, if_seq_no: 7n },
        },
        { operation: third, set: { _id: undefined } },
      ]),
    ).toBe(
      '{"create":{"_id":"1.50","version":9223372036854775806,"_index":"b","require_alias":true}}\n{"x":1}\n' +
        '{"update":{"_id":"5","_source":true,"if_seq_no":7}}\n{"doc": {}}\n{"delete":{}}\n',
    );
  });

  it('smuggles nothing into its metadata', () => {
    const [operation] = operations('{"index":{"x\\":1,\\"_index":"a"}}\n{}\n') as [BulkOperation];
    const [again] = operations(printed([{ operation, index: 'b' }])) as [BulkOperation];
    expect([again.index, again.params]).toEqual(['b', { 'x":1,"_index': 'a' }]);
  });

  it('does not copy large documents', () => {
    const body = Buffer.from(`{"index":{"_id":"1"}}\n{"x":"${'y'.repeat(10_000)}"}\n`);
    const parsed = operations(body);
    const pieces = printBulk([{ operation: parsed[0] as BulkOperation, index: 'b' }]);
    expect(pieces.some((piece) => piece.buffer === parsed[0]?.source?.buffer && piece.length > 10_000)).toBe(
      true,
    );
  });

  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('"', '\\', '\n', '{', ':', '_') }),
  );
  const item = fc.record(
    {
      action: fc.constantFrom('index', 'create', 'update', 'delete'),
      _index: text,
      _id: fc.oneof(text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
      routing: text,
      version: fc.bigInt(0n, 2n ** 63n - 1n),
      source: fc.dictionary(text, text),
      blank: fc.constantFrom('', '\n', ' \r\n'),
      end: fc.constantFrom('\n', '\r\n'),
    },
    { requiredKeys: ['action', 'source', 'blank', 'end'] },
  );

  it('is read again as the same operations, whichever members were changed', () => {
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 1, maxLength: 8 }),
        text,
        fc.boolean(),
        (items, index, changed) => {
          const lines = items.map(({ action, source, blank, end, ...meta }) => {
            const members = Object.entries(meta).map(
              ([key, value]) =>
                `${JSON.stringify(key)}:${typeof value === 'bigint' ? value : JSON.stringify(value)}`,
            );
            const document = action === 'delete' ? '' : JSON.stringify(source) + end;
            return `${blank}{"${action}":{${members.join(',')}}}${end}${document}`;
          });
          const found = operations(lines.join(''));
          const again = operations(
            printed(found.map((operation) => (changed ? { operation, index } : { operation }))),
          );
          const expected = found.map((one) => (changed ? { ...summary(one), index } : summary(one)));
          expect(again.map(summary)).toEqual(expected);
          expect(found.map(({ id }) => id)).toEqual(
            items.map(({ _id: id }) => (typeof id === 'number' ? JSON.stringify(id) : id)),
          );
        },
      ),
    );
  });

  it('throws for no arbitrary bytes', () => {
    const piece = fc.constantFrom(
      '{"index":{}}',
      '{"delete":{"_id":"1"}}',
      '{',
      '}',
      '"',
      '\\',
      '\n',
      '\r\n',
      ' ',
      '/*',
      '//',
      '[]',
      ':',
      '\u00ff',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        parseBulk(Buffer.from(pieces.join(''), 'latin1'));
      }),
      { examples: [[['/*', '/*', '//', '\n']]], numRuns: 1_000 },
    );
  });
});
