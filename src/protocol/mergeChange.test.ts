import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeChange } from './mergeChange.js';
import { sameContent } from '../json/json.js';

const merged = (before: string, after: string, other: string): string =>
  mergeChange(Buffer.from(before), Buffer.from(after), Buffer.from(other)).toString();

describe('a change between two documents is made in a third', () => {
  it.each([
    ['a field is set', '{"n":1}', '{"n":2}', '{"n":1,"x":"E"}', '{"n":2,"x":"E"}'],
    ['a field is new', '{"n":1}', '{"n":1,"m":3}', '{"n":1,"x":"E"}', '{"n":1,"x":"E","m":3}'],
    ['a field is taken out', '{"n":1,"m":3}', '{"n":1}', '{"m":3,"n":1,"x":"E"}', '{"n":1,"x":"E"}'],
    ['a field becomes null', '{"n":1}', '{"n":null}', '{"n":1,"x":1}', '{"n":null,"x":1}'],
    ['null becomes a field', '{"n":null}', '{"n":{"a":1}}', '{"n":null,"x":1}', '{"n":{"a":1},"x":1}'],
    [
      'what did not change stays the other’s',
      '{"n":1,"p":7}',
      '{"n":2,"p":7}',
      '{"n":1,"p":"7 €"}',
      '{"n":2,"p":"7 €"}',
    ],
    [
      'inside objects',
      '{"o":{"a":1,"b":1}}',
      '{"o":{"a":2}}',
      '{"o":{"a":1,"b":1,"x":1}}',
      '{"o":{"a":2,"x":1}}',
    ],
    ['an object that goes, goes whole', '{"o":{"a":1}}', '{}', '{"o":{"a":1,"x":1},"y":1}', '{"y":1}'],
    ['an object for a value', '{"o":1}', '{"o":{"a":1}}', '{"o":1,"x":1}', '{"o":{"a":1},"x":1}'],
    ['a value for an object', '{"o":{"a":1}}', '{"o":1}', '{"o":{"a":1,"x":1}}', '{"o":1}'],
    ['an object that the other had already', '{}', '{"o":{"a":1}}', '{"o":{"x":1}}', '{"o":{"x":1,"a":1}}'],
    [
      'an array is one value',
      '{"l":[{"a":1}]}',
      '{"l":[{"a":2}]}',
      '{"l":[{"a":1,"x":1}]}',
      '{"l":[{"a":2}]}',
    ],
    ['an array that stays', '{"l":[1],"n":1}', '{"l":[1],"n":2}', '{"l":[1,9],"n":1}', '{"l":[1,9],"n":2}'],
    [
      'a name with a dot is a name',
      '{"a.b":1}',
      '{"a.b":2}',
      '{"a.b":1,"a":{"b":1}}',
      '{"a.b":2,"a":{"b":1}}',
    ],
  ])('%s', (_, before, after, other, expected) => {
    expect(merged(before, after, other)).toBe(expected);
  });

  it('keeps every digit, as it is written', () => {
    expect(
      merged(
        '{"n":1,"same":2.0}',
        '{"n":9007199254740993.10,"same":2}',
        '{"n":1,"same":2.00,"x":[1.0,0.1000000000000000055511151231257827,-0,1E5,12345678901234567890]}',
      ),
    ).toBe(
      '{"n":9007199254740993.10,"same":2.00,"x":[1.0,0.1000000000000000055511151231257827,-0,1E5,12345678901234567890]}',
    );
  });

  it('treats names like __proto__ and constructor as any other name', () => {
    expect(
      merged(
        '{"__proto__":{"a":1},"constructor":1}',
        '{"__proto__":{"a":2},"constructor":1,"toString":3}',
        '{"__proto__":{"a":1,"x":1},"hasOwnProperty":1}',
      ),
    ).toBe('{"__proto__":{"a":2,"x":1},"hasOwnProperty":1,"toString":3}');
    expect(({} as { a?: number }).a).toBeUndefined();
  });

  it('leaves the bytes of the other as they are when nothing changes', () => {
    const other = '{ "x" : 1.0, // a comment\n "n":1}';
    expect(merged('{"n":1,"m":[1]}', '{"m":[1.0],"n":1e0}', other)).toBe(other);
    expect(merged('{"n":1}', '{"n":2}', other)).toBe('{"x":1.0,"n":2}');
  });

  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<unknown>(null, true, 0, 1, 'a', ''),
      fc.array(tie('value'), { maxLength: 2 }),
      tie('object'),
    ),
    object: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('value'), { maxKeys: 4 }),
  }))['object'];
  const text = json.map((value) => JSON.stringify(value));
  const same = (a: string, b: string): boolean => sameContent(Buffer.from(a), Buffer.from(b));

  it('has the laws of a merge', () => {
    fc.assert(
      fc.property(text, text, text, (before, after, other) => {
        // Applied to `before` itself, the change gives `after`.
        expect(same(merged(before, after, before), after)).toBe(true);
        // An empty change changes nothing.
        expect(merged(before, before, other)).toBe(other);
        // Applied a second time, the change changes nothing.
        const once = merged(before, after, other);
        expect(same(merged(before, after, once), once)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves fields alone that neither document has', () => {
    fc.assert(
      fc.property(text, text, text, json, (before, after, other, extra) => {
        const rich = { ...(JSON.parse(other) as object), only: extra };
        const result = JSON.parse(merged(before, after, JSON.stringify(rich))) as { only: unknown };
        expect(JSON.stringify(result.only)).toBe(JSON.stringify(JSON.parse(JSON.stringify(extra))));
      }),
    );
  });
});
