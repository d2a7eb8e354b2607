import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Source } from './jsonTypes.js';
import { differingPaths, parseSource, printSource, sameContent } from './json.js';
import { ExactDecimal } from './numbers.js';

const parse = (json: string) => parseSource(Buffer.from(json));
const print = (source: unknown) => printSource(source as Source).toString();
const same = (a: string, b: string) => sameContent(Buffer.from(a), Buffer.from(b));

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('__proto__', '\ud800', '"}', '\\'),
);

/** JSON text with numbers of every length, in every spelling. */
const json = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text.map((value) => JSON.stringify(value)),
    fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc
      .tuple(
        fc.integer(),
        fc.stringMatching(/^\d{1,30}$/),
        fc.constantFrom('', 'e5', 'E-7', 'e+400', 'e-400'),
      )
      .map(([whole, fraction, exponent]) => `${whole}.${fraction}${exponent}`),
    fc.constantFrom('true', 'false', 'null', '[]', '{}', '0', '-0', '-0.0e1'),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => `[${values.join(',')}]`),
    tie('object'),
  ),
  object: fc
    .uniqueArray(fc.tuple(text, tie('value')), { maxLength: 5, selector: ([key]) => key })
    .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)} : ${value}`).join(',')}}`),
})).object;

describe('parseSource and printSource', () => {
  it('give any document back with the same content, number for number', () => {
    fc.assert(
      fc.property(json, (document) => {
        const bytes = Buffer.from(document);
        const printed = printSource(parseSource(bytes));
        const again = printSource(parseSource(printed));
        expect(again.toString()).toBe(printed.toString());
        // A double may be printed shorter, so compare the values that a transform sees.
        expect(parseSource(printed)).toStrictEqual(parseSource(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('read a document without long numbers as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.dictionary(text, fc.jsonValue()), (document) => {
        const bytes = JSON.stringify(document, null, 1);
        fc.pre(!/\d{16}/.test(bytes));
        expect(parse(bytes)).toEqual(JSON.parse(bytes));
        const withLongNumber = bytes.replace(/^\{/, '{"long":12345678901234567890,').replace(/,\}$/, '}');
        expect(parse(withLongNumber)).toEqual({
          long: 12345678901234567890n,
          ...(JSON.parse(bytes) as object),
        });
      }),
    );
  });

  it.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
    ['18446744073709551615', 18446744073709551615n],
    ['0.30000000000000004', 0.30000000000000004],
    ['0.10000000000000001', 0.1],
    ['1.0E-3', 0.001],
    ['1e300', 1e300],
  ])('reads %s as %s', (written, value) => {
    expect(parse(`{"n":${written}}`)['n']).toBe(value);
  });

  it.each(['3.14159265358979323846', '1e400', '-1.5e-400', '123456789012345678.5'])(
    'keeps %s, which no double holds, as it is written, and counts with it as its nearest double',
    (written) => {
      const { n } = parse(`{"n":${written}}`);
      expect(n).toBeInstanceOf(ExactDecimal);
      expect(Number(n)).toBe(Number(written));
      expect(String(n)).toBe(written);
      expect(print({ a: [n] })).toBe(`{"a":[${written}]}`);
    },
  );

  it('keep the sign of a negative zero', () => {
    expect(print(parse('{"a":-0.0,"b":0}'))).toBe('{"a":-0,"b":0}');
  });

  it('keep a key __proto__ and leave the prototype alone, on both paths', () => {
    for (const long of ['1', '12345678901234567890']) {
      const source = parse(`{"__proto__":{"polluted":true},"o":{"__proto__":null},"n":${long}}`);
      expect(Object.getPrototypeOf(source)).toBe(Object.prototype);
      expect(source['polluted']).toBeUndefined();
      expect(print({ ...source })).toBe(`{"__proto__":{"polluted":true},"o":{"__proto__":null},"n":${long}}`);
    }
  });

  it('take the last of two equal keys, on both paths', () => {
    expect(parse('{"a":1,"a":2}')).toEqual({ a: 2 });
    expect(parse('{"a":1,"a":12345678901234567890}')).toEqual({ a: 12345678901234567890n });
  });

  it('read a document with comments, as the engines do', () => {
    expect(parse('{"a":1, // it\'s "here"\n "url":"http://x/*", /* } */ "b":12345678901234567890}')).toEqual({
      a: 1,
      url: 'http://x/*',
      b: 12345678901234567890n,
    });
  });

  it('read values nested 1,000 deep, and a text of 1 MB beside a long number', () => {
    const deep = `${'{"o":'.repeat(999)}{"n":12345678901234567890}${'}'.repeat(999)}`;
    expect(print(parse(deep))).toBe(deep);
    const large = JSON.stringify({ text: '\\"é'.repeat(300_000) }).replace('}', ',"n":12345678901234567890}');
    expect(print(parse(large))).toBe(large);
  });

  it.each([
    '{"a":12345678901234567890',
    '{"a":12345678901234567890,}',
    '{"a":12345678901234567890} x',
    '{"a" 1234567890123456}',
    '{"a":"1234567890123456}',
  ])('refuse %s', (broken) => {
    expect(() => parse(broken)).toThrow(SyntaxError);
  });

  it('print all values that a transform may return: undefined left out, dates as text, no null for a hole', () => {
    const source = {
      a: undefined,
      date: new Date(0),
      n: 10n ** 20n,
      list: [undefined, 1n],
      boxed: new Number(2),
    };
    expect(print(source)).toBe(
      '{"date":"1970-01-01T00:00:00.000Z","n":100000000000000000000,"list":[null,1],"boxed":2}',
    );
  });

  it.each([
    ['price.net[1]', { price: { net: [1, Number('12,50 EUR')] } }],
    ['a["b.c"]', { a: { 'b.c': Infinity } }],
    ['tags', { tags: new Set(['a']) }],
    ['at', { at: new Date('soon') }],
    ['f', { f: () => 1 }],
  ])('refuse at %s what JSON.stringify would quietly lose', (path, source) => {
    expect(() => print(source)).toThrow(
      expect.objectContaining({ code: 'rejected', message: expect.stringContaining(path) }),
    );
  });

  it.each([[undefined], ['text'], [[1]]])('refuse %o, which is no document', (value) => {
    expect(() => print(value)).toThrow(expect.objectContaining({ code: 'rejected' }));
  });

  it('refuse a document that refers to itself', () => {
    const source: Source = {};
    source['self'] = source;
    expect(() => print(source)).toThrow(expect.objectContaining({ code: 'rejected' }));
  });
});

describe('sameContent', () => {
  it.each([
    ['{"a":1,"b":[{"c":null}]}', '{ "b": [ {"c":null} ], "a": 1 }'],
    ['{"a":1}', '{"a":1.0}'],
    ['{"a":1}', '{"a":10e-1}'],
    ['{"a":1e15}', '{"a":1000000000000000}'],
    ['{"a":12345678901234567890}', '{"a":1234567890123456789.0e1}'],
    ['{"a":0}', '{"a":-0.0}'],
    ['{"a":"\\u0041"}', '{"a":"A"}'],
    ['{"a":1}', '{"a":1 /* one */}'],
    ['{"a":1,"a":2}', '{"a":2}'],
  ])('%s is %s', (a, b) => {
    expect(same(a, b)).toBe(true);
  });

  it.each([
    ['{"a":1}', '{"a":"1"}'],
    ['{"a":null}', '{}'],
    ['{"a":null}', '{"b":null}'],
    ['{"a":[1,2]}', '{"a":[2,1]}'],
    ['{"a":[1]}', '{"a":[1,1]}'],
    ['{"a":[1]}', '{"a":1}'],
    ['{"a":[]}', '{"a":{}}'],
    ['{"a":9007199254740992}', '{"a":9007199254740993}'],
    ['{"a":0.1}', '{"a":0.1000000000000000055511151231257827}'],
    ['{"a":1e400}', '{"a":1e401}'],
    ['{"a":1e-400}', '{"a":0}'],
    ['{"a":-1}', '{"a":1}'],
    ['{"a":12345678.123456789}', '{"a":12345678.1234567890001}'],
    ['{"__proto__":1}', '{"x":1}'],
    ['{"__proto__":{}}', '{"x":{}}'],
    ['{"toString":1}', '{"valueOf":1}'],
    ['{}', '{"a":1}'],
  ])('%s is not %s', (a, b) => {
    expect(same(a, b)).toBe(false);
    expect(same(b, a)).toBe(false);
  });

  it('finds every document the same as itself printed in another order and layout', () => {
    fc.assert(
      fc.property(json, (document) => {
        const source = parseSource(Buffer.from(document));
        const turned = Object.defineProperties(
          {},
          Object.fromEntries(Object.entries(Object.getOwnPropertyDescriptors(source)).toReversed()),
        ) as Source;
        expect(sameContent(printSource(turned), printSource(source))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('differingPaths', () => {
  it('names the innermost places, with both values, a missing one as undefined', () => {
    const before = Buffer.from('{"a":{"b":[1,{"c d":"x"}]},"gone":null,"kind":{"x":1},"same":1}');
    const after = Buffer.from('{"a":{"b":[1,{"c d":"y"},3]},"kind":[1],"same":1.0,"new":true}');
    expect(differingPaths(before, after, 10)).toEqual([
      { path: 'a.b[1]["c d"]', before: '"x"', after: '"y"' },
      { path: 'a.b[2]', before: undefined, after: '3' },
      { path: 'gone', before: 'null', after: undefined },
      { path: 'kind', before: '{"x":1}', after: '[1]' },
      { path: 'new', before: undefined, after: 'true' },
    ]);
  });

  it('stops at the limit and cuts long values', () => {
    const before = Buffer.from(JSON.stringify({ a: 'x'.repeat(1_000), b: 1 }));
    const after = Buffer.from(JSON.stringify({ a: 'y', b: 2 }));
    const [first, ...others] = differingPaths(before, after, 1);
    expect(others).toEqual([]);
    expect(first?.before).toHaveLength(200);
  });

  it('tells long numbers apart', () => {
    expect(
      differingPaths(Buffer.from('{"n":9007199254740992}'), Buffer.from('{"n":9007199254740993}'), 5),
    ).toEqual([{ path: 'n', before: '9007199254740992', after: '9007199254740993' }]);
  });

  it('is empty exactly where sameContent is true', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(differingPaths(Buffer.from(a), Buffer.from(b), 1).length === 0).toBe(same(a, b));
      }),
    );
  });
});
