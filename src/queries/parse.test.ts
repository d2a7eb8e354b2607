import { describe, expect, it } from 'vitest';
import { parseQueries } from './parse.js';
import { pathFor } from './recordedQuery.js';

const parse = (text: string) => parseQueries(text, { file: 'searches.ndjson', alias: 'catalogue-read' });

describe('parseQueries', () => {
  it('takes bodies and requests', () => {
    const text = `{"query":{"match_all":{}}}\n\n{"path":"/catalogue-read/_count?q=a","method":"GET"}\n{"path":"/x/_search","body":{"size":1}}\n`;
    expect(parse(text)).toEqual([
      { method: 'POST', path: '/catalogue-read/_search', body: '{"query":{"match_all":{}}}' },
      { method: 'GET', path: '/catalogue-read/_count?q=a', body: undefined },
      { method: 'POST', path: '/x/_search', body: '{"size":1}' },
    ]);
  });

  it('passes over a byte order mark and carriage returns', () => {
    expect(parse('\uFEFF{"size":1}\r\n{"size":2}\r\n').map(({ body }) => body)).toEqual([
      '{"size":1}',
      '{"size":2}',
    ]);
  });

  it.each([
    ['', 'expected one search per line, found none'],
    ['{"query":', 'line 1: expected a JSON object on one line'],
    ['[1]', 'line 1: expected a JSON object'],
    ['{"path":"/a/_doc/1"}', 'line 1: path: expected a path such as /catalogue-read/_search'],
    ['{"path":"/a/_search","method":"PUT"}', 'line 1: method: expected GET or POST'],
    ['{"path":"/a/_search","headers":{}}', 'expected method, path and body, found "headers"'],
    ['{"path":"/a/_search","body":1}', 'line 1: body: expected a JSON object, found 1'],
  ])('refuses %s', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});

describe('pathFor', () => {
  it('names the index, and leaves out what changes the answer', () => {
    const query = {
      method: 'POST',
      path: '/catalogue-read/_search?scroll=1m&size=3&filter_path=took',
      body: undefined,
    } as const;
    expect(pathFor(query, 'catalogue-v2')).toBe('/catalogue-v2/_search?size=3');
  });
});
