import { describe, expect, it } from 'vitest';
import { answersIn, searchesIn } from './multiSearch.js';

describe('several searches in one', () => {
  it('are taken apart, except those that name an index themselves', () => {
    const body = ['{}', '{"size":1}', '', ' {"size":2} ', '{"index":"a"}', '{"size":3}', '{ }', '{"size":4}'];
    const found = ['{"size":1}', '{"size":2}', undefined, '{"size":4}'];
    expect(searchesIn(`${body.join('\n')}\n`)).toEqual(found);
    expect(searchesIn(body.join('\r\n'))).toEqual(found);
    expect(searchesIn('')).toEqual([]);
  });

  it('are answered one by one', () => {
    const answer = {
      responses: [
        { hits: {}, status: 200 },
        { error: {}, status: 400 },
      ],
    };
    expect(answersIn(Buffer.from(JSON.stringify(answer)))).toEqual([
      { failed: false, hasHits: true, body: Buffer.from('{"hits":{},"status":200}') },
      { failed: true, hasHits: false, body: Buffer.from('{"error":{},"status":400}') },
    ]);
    expect(answersIn(Buffer.from('{"error":{}}'))).toEqual([]);
  });
});
