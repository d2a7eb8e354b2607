import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, LineSplitter, readLine } from './ndjson.js';

const lineOf = (text: string) => ({ bytes: Buffer.from(text), number: 7, end: 100 });
const read = (text: string) => readLine(lineOf(text), 'f.ndjson');

describe('a line of NDJSON', () => {
  it('gives the document with its source byte by byte', () => {
    const source = '{ "n": 12345678901234567890.50, "b": 1.0, "n": 1e400, "t": "a\\u00e9" }';
    const document = read(`{"_id": "1", "_routing": "r", "_version": 7, "x": [{}], "_source": ${source}}\r`);
    expect(document?.source.toString()).toBe(source);
    expect(document).toMatchObject({ key: { id: '1', routing: 'r' }, version: 7n });
    expect(document?.cursor).toBe('{"offset":100,"line":7}');
  });

  it('may name its members without the underscore, and number its ids', () => {
    expect(read('{"id":9007199254740993,"routing":5,"version":1125899906842623,"source":{}}')).toMatchObject({
      key: { id: '9007199254740993', routing: '5' },
      version: 1_125_899_906_842_623n,
    });
    expect(read('{"id":"a\\"b","routing":null,"version":null,"source":{}}')).toMatchObject({
      key: { id: 'a"b', routing: undefined },
      version: undefined,
    });
  });

  it('may be empty', () => {
    expect(read('')).toBeUndefined();
    expect(read(' \r')).toBeUndefined();
  });

  it.each([
    ['hello', /line 7: it is not one JSON object/],
    ['[]', /line 7: it is not one JSON object/],
    ['{"_id":"1","_source":{}', /line 7: it is not one JSON object/],
    ['{"_id":"1","_source":{}} {}', /line 7: it is not one JSON object/],
    ['{"_source":{}}', /line 7: it has no _id/],
    ['{"_id":"","_source":{}}', /line 7: id is empty/],
    [`{"_id":"${'é'.repeat(257)}","_source":{}}`, /line 7: id is 514 bytes long/],
    ['{"_id":"a\\ud800","_source":{}}', /line 7: id is not valid Unicode/],
    ['{"_id":1.0,"_source":{}}', /line 7: it has no _id/],
    ['{"_id":"1","_routing":"\\udc00b","_source":{}}', /line 7: document 1: routing is not valid Unicode/],
    ['{"_id":"1","_routing":"","_source":{}}', /line 7: document 1: routing is empty/],
    ['{"_id":null,"_source":{}}', /line 7: it has no _id/],
    ['{"_id":"1"}', /line 7: _source of document 1 is not an object/],
    ['{"_id":"1","_source":[]}', /line 7: _source of document 1 is not an object/],
    ['{"_id":"1","_routing":{},"_source":{}}', /line 7: _routing of document 1/],
    ['{"_id":"1","_version":-1,"_source":{}}', /line 7: _version of document 1: -1 is not a whole number/],
    ['{"_id":"1","_version":1.5,"_source":{}}', /line 7: _version of document 1: 1.5 is not a whole number/],
    [
      '{"_id":"1","_version":1125899906842624,"_source":{}}',
      /1125899906842624 is not a whole number from 0 to/,
    ],
  ])('is refused when it is %s', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('is refused when a byte of it is no character', () => {
    const bytes = Buffer.from('{"_id":"a\xff","_source":{}}', 'latin1');
    expect(() => readLine({ bytes, number: 7, end: 9 }, 'f')).toThrow(/f, line 7: it is not UTF-8/);
  });

  it('keeps every digit of an id, its 512 bytes, and whole surrogate pairs', () => {
    expect(read('{"_id":12345678901234567890123,"_source":{}}')?.key.id).toBe('12345678901234567890123');
    expect(read(`{"_id":"${'é'.repeat(256)}","_source":{}}`)?.key.id).toHaveLength(256);
    expect(read('{"_id":"\\ud83d\\ude00","_source":{}}')?.key.id).toBe('😀');
  });
});

const sum = (lines: readonly Line[]): number => lines.reduce((at, { bytes }) => at + bytes.length + 1, 0);

describe('lines of a file', () => {
  it('are the same wherever its chunks are cut, and know where they end', () => {
    const text = fc.array(fc.constantFrom('a', 'é', '{', '"', '\n', '\r\n', ''), { maxLength: 60 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), (parts, cuts) => {
        const file = Buffer.from(parts.join(''));
        const splitter = new LineSplitter('f');
        const bounds = [
          0,
          ...cuts.map((cut) => Math.min(cut, file.length)).sort((a, b) => a - b),
          file.length,
        ];
        const lines = bounds.flatMap((from, n) =>
          n + 1 < bounds.length ? splitter.push(file.subarray(from, bounds[n + 1])) : splitter.end(),
        );
        const expected = file.toString().split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(lines.map(({ bytes }) => bytes.toString())).toEqual(expected);
        expect(lines.map(({ number }) => number)).toEqual(expected.map((_, n) => n + 1));
        const ends = lines.map(({ bytes }, n) => sum(lines.slice(0, n)) + bytes.length + 1);
        expect(lines.map(({ end }) => end)).toEqual(ends.map((end) => Math.min(end, file.length)));
      }),
    );
  });

  it('go on where a file was left', () => {
    const [line] = new LineSplitter('f', { at: 40, number: 3 }).push(Buffer.from('abc\n'));
    expect(line).toMatchObject({ number: 4, end: 44 });
  });
});
