import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeadBuffer } from './headBuffer.js';

describe('a head that arrives in pieces', () => {
  it('is the same however it is cut, and its end is found', () => {
    const text = 'GET / HTTP/1.1\r\nhost: a\r\n\r\nrest';
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 6 }), (cuts) => {
        const at = [0, ...cuts, text.length].sort((a, b) => a - b);
        const heads = new HeadBuffer(1_000);
        let read = 0;
        for (let n = 0; n + 1 < at.length; n++) {
          const piece = Buffer.from(text.slice(at[n], at[n + 1]));
          const found = heads.take(piece, 0);
          if (found === 'incomplete') {
            read += piece.length;
            continue;
          }
          if (found === 'tooLong') throw new Error('too long');
          expect(found.text).toBe('GET / HTTP/1.1\r\nhost: a\r\n');
          expect(read + found.next).toBe(text.length - 'rest'.length);
          return;
        }
        throw new Error('no head');
      }),
    );
  });

  it('is too long as soon as its bound is passed', () => {
    const heads = new HeadBuffer(100);
    expect(heads.take(Buffer.alloc(60, 'a'), 0)).toBe('incomplete');
    expect(heads.take(Buffer.alloc(60, 'a'), 0)).toBe('tooLong');
    expect(new HeadBuffer(100).take(Buffer.from(`${'a'.repeat(200)}\r\n\r\n`), 0)).toBe('tooLong');
  });
});
