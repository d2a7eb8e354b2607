import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkedReader, MalformedBody } from './chunked.js';

/** Reads a body that arrives in the given pieces; `rest` has the bytes of the next message. */
function readAll(pieces: readonly Buffer[]): { data: string; done: boolean; rest: string } {
  const reader = new ChunkedReader();
  let data = '';
  let rest = '';
  for (const piece of pieces) {
    const end = reader.read(piece, 0, (from, to) => (data += piece.toString('latin1', from, to)));
    rest += piece.toString('latin1', end);
  }
  return { data, done: reader.done, rest };
}

describe('a chunked body', () => {
  it('is the same however it is cut into chunks and pieces', () => {
    const body = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        body,
        fc.array(fc.nat(300), { maxLength: 8 }),
        fc.constantFrom('', 'GET '),
        (chunks, cuts, next) => {
          const bytes = chunks.map((chunk) => Buffer.from(chunk));
          const printed = Buffer.concat([
            ...bytes.flatMap((chunk) => [
              Buffer.from(`${chunk.length.toString(16)};a="b"\r\n`),
              chunk,
              Buffer.from('\r\n'),
            ]),
            Buffer.from(`00\r\nx-trailer: 1\r\n\r\n${next}`),
          ]);
          const at = [0, ...cuts.map((cut) => cut % printed.length), printed.length].sort((a, b) => a - b);
          const pieces = at.slice(1).map((to, n) => printed.subarray(at[n], to));
          const whole = Buffer.concat(bytes).toString('latin1');
          expect(readAll(pieces)).toEqual({ data: whole, done: true, rest: next });
        },
      ),
    );
  });

  const broken = {
    'a size that is none': 'x\r\n',
    'no size': '\r\n',
    'a size with a sign': '+5\r\nhello\r\n',
    'a size with a prefix': '0x5\r\nhello\r\n',
    'a size with a space before it': ' 5\r\nhello\r\n',
    'a space after the size': '5 \r\nhello\r\n',
    'a size that is too long': '000000005\r\nhello\r\n',
    'a bare LF after the size': '5\nhello\r\n',
    'a CR without its LF': '5\rhello\r\n',
    'a bare LF in an extension': '5;a\nhello\r\n',
    'an extension without a name': '5;\r\nhello\r\n',
    'an extension without its value': '5;a=\r\nhello\r\n',
    'an extension with a space': '5;a =b\r\nhello\r\n',
    'an extension with a byte that no token has': '5;\u00e9\r\nhello\r\n',
    'a quoted extension that goes on': '5;a="b"c\r\nhello\r\n',
    'a quoted extension with a line break': '5;a="\r\nhello\r\n',
    'more bytes than it says': '5\r\nhello!\r\n',
    'fewer bytes than it says': '5\r\nhell\r\n0\r\n\r\n',
    'a bare LF after the data': '5\r\nhello\n0\r\n\r\n',
    'a trailer that is folded': '0\r\n a\r\n\r\n',
    'a trailer with a space in its name': '0\r\na b: c\r\n\r\n',
    'a trailer with a NUL': '0\r\na: \0\r\n\r\n',
    'a length among the trailers': '0\r\nContent-Length: 5\r\n\r\n',
    'endless extensions': `5;${'a'.repeat(5_000)}`,
    'endless trailers': `0\r\n${'a: b\r\n'.repeat(2_000)}`,
  };
  for (const [what, text] of Object.entries(broken)) {
    it(`is refused with ${what}`, () => {
      expect(() => readAll([Buffer.from(text)])).toThrow(MalformedBody);
    });
  }

  it('is refused or read, but never runs over its end', () => {
    const alphabet = fc.constantFrom('0', '1', 'a', '\r', '\n', '\r\n', ';', ':', ' ', 'z');
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 30 }), (letters) => {
        const text = letters.join('');
        try {
          const { data, rest } = readAll([Buffer.from(text)]);
          expect(data.length + rest.length).toBeLessThanOrEqual(text.length);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedBody);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
