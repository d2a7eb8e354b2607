import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactJson, printExactJson } from './demoJson.js';

describe('exact JSON', () => {
  it('keeps every digit of an integer beyond 2^53, both ways', () => {
    const text = '{"a":9007199254740993,"b":[-18446744073709551615,1.5],"c":"9007199254740993"}';
    expect(parseExactJson(text)).toEqual({
      a: 9007199254740993n,
      b: [-18446744073709551615n, 1.5],
      c: '9007199254740993',
    });
    expect(printExactJson(parseExactJson(text))).toBe(text);
  });

  it('leaves long fractions, exponents and digits inside of strings as JSON has them', () => {
    const text = '{"a":0.12345678901234567,"b":1e30,"c":"\\"1234567890123456789\\"","d":1234567890123456}';
    expect(parseExactJson(text)).toEqual(JSON.parse(text));
  });

  it('means the same as JSON, whatever it reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const padded = `[${text},9007199254740993]`;
        expect(JSON.parse(printExactJson(parseExactJson(padded)))).toEqual(JSON.parse(padded));
      }),
    );
  });
});
