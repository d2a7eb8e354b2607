import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headersOf, readRequestHead, Refusal, type RequestHead } from './requestHead.js';

const head = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('');

function read(...lines: string[]): RequestHead {
  const found = readRequestHead(head(lines));
  if (found instanceof Refusal) throw new Error(found.reason);
  return found;
}

describe('the head of a request', () => {
  it('is forwarded without the headers about framing and the connection', () => {
    const found = read(
      'POST /a/_doc?refresh=true HTTP/1.1',
      'Host: search:9200',
      'Authorization: Basic abc',
      'Connection: keep-alive, X-Mine',
      'x-mine: 1',
      'Keep-Alive: timeout=5',
      'Content-Length: 12',
      'TE: trailers',
      'Content-Type: application/json',
      'X-Opaque-Id: caf\u00e9',
    );
    expect(found).toMatchObject({
      method: 'POST',
      target: '/a/_doc?refresh=true',
      host: 'search:9200',
      contentLength: 12,
      chunked: false,
      keepAlive: true,
      lines: 'Authorization: Basic abc\r\nContent-Type: application/json\r\nX-Opaque-Id: caf\u00e9\r\n',
    });
  });

  it('says whether the connection is kept, in both versions', () => {
    expect(read('GET / HTTP/1.1', 'host: a').keepAlive).toBe(true);
    expect(read('GET / HTTP/1.1', 'host: a', 'connection: Close').keepAlive).toBe(false);
    expect(read('GET / HTTP/1.0')).toMatchObject({ keepAlive: false, old: true });
    expect(read('GET / HTTP/1.0', 'connection: Keep-Alive').keepAlive).toBe(true);
  });

  it('keeps the forwarded headers of proxies in front of the gateway', () => {
    const found = read(
      'GET / HTTP/1.1',
      'host: a',
      'x-forwarded-for: 10.0.0.1',
      'X-Forwarded-For: 10.0.0.2',
      'x-forwarded-proto: https',
    );
    expect(found).toMatchObject({
      forwardedFor: '10.0.0.1, 10.0.0.2, ',
      hasForwardedProto: true,
      hasForwardedHost: false,
      lines: 'x-forwarded-proto: https\r\n',
    });
  });

  const doubtful: Record<string, readonly [number, readonly string[]]> = {
    'both a length and chunks': [400, ['content-length: 5', 'transfer-encoding: chunked']],
    'two lengths': [400, ['content-length: 5', 'content-length: 5']],
    'a list of lengths': [400, ['content-length: 5, 5']],
    'a length with a sign': [400, ['content-length: +5']],
    'a negative length': [400, ['content-length: -5']],
    'a hexadecimal length': [400, ['content-length: 0x5']],
    'a length with a tab': [400, ['content-length: 5\t']],
    'an empty length': [400, ['content-length:']],
    'a length that no number holds': [400, ['content-length: 99999999999999999999']],
    'two transfer encodings': [400, ['transfer-encoding: chunked', 'transfer-encoding: chunked']],
    'a list of transfer encodings': [400, ['transfer-encoding: gzip, chunked']],
    'another transfer encoding': [400, ['transfer-encoding: identity']],
    'a transfer encoding that looks like chunked': [400, ['transfer-encoding: \u000bchunked']],
    'a transfer encoding with a tab': [400, ['transfer-encoding: chunked\t']],
    'a space before the colon': [400, ['content-length : 5']],
    'a folded line': [400, ['x-a: 1', ' transfer-encoding: chunked']],
    'a line without a colon': [400, ['content-length 5']],
    'a name that is empty': [400, [': 5']],
    'a NUL in a value': [400, ['x-a: 1\0']],
    'a bare CR in a value': [400, ['x-a: 1\rtransfer-encoding: chunked']],
    'a bare LF in a value': [400, ['x-a: 1\ntransfer-encoding: chunked']],
    'a second host': [400, ['host: b']],
    'another expectation': [417, ['expect: a miracle']],
  };
  for (const [what, [status, lines]] of Object.entries(doubtful)) {
    it(`is refused with ${what}`, () => {
      const found = readRequestHead(head(['POST /a/_bulk HTTP/1.1', 'host: a', ...lines]));
      expect(found).toBeInstanceOf(Refusal);
      expect((found as Refusal).status).toBe(status);
    });
  }

  const requestLines: Record<string, readonly [number, string]> = {
    'an absolute target': [400, 'GET http://elsewhere/ HTTP/1.1'],
    'a target that is an asterisk': [400, 'OPTIONS * HTTP/1.1'],
    CONNECT: [400, 'CONNECT a:80 HTTP/1.1'],
    'a method in lower case': [400, 'get / HTTP/1.1'],
    'two spaces': [400, 'GET  / HTTP/1.1'],
    'a space in the target': [400, 'GET /a b HTTP/1.1'],
    'a tab': [400, 'GET\t/ HTTP/1.1'],
    'a fragment': [400, 'GET /a#b HTTP/1.1'],
    'a control character in the target': [400, 'GET /a\u0001 HTTP/1.1'],
    'bytes of UTF-8 in the target': [400, 'GET /gr\u00c3\u00bcn HTTP/1.1'],
    'no version': [400, 'GET /'],
    'a version of the future': [505, 'GET / HTTP/2.0'],
    'a version in lower case': [400, 'GET / http/1.1'],
  };
  for (const [what, [status, line]] of Object.entries(requestLines)) {
    it(`is refused with ${what} in the request line`, () => {
      const found = readRequestHead(head([line, 'host: a']));
      expect(found).toBeInstanceOf(Refusal);
      expect((found as Refusal).status).toBe(status);
    });
  }

  it('is refused without a host in HTTP/1.1, and with chunks in HTTP/1.0', () => {
    expect(readRequestHead(head(['GET / HTTP/1.1']))).toBeInstanceOf(Refusal);
    expect(readRequestHead(head(['POST / HTTP/1.0', 'transfer-encoding: chunked']))).toBeInstanceOf(Refusal);
  });

  it('never throws, and never forwards a line break that is not a CRLF', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'GET ',
        '/',
        ' HTTP/1.1',
        '\r\n',
        '\r',
        '\n',
        ':',
        ' ',
        'host: a',
        'content-length: 1',
        '\0',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }).map((text) => Buffer.from(text).toString('latin1')),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const found = readRequestHead(
          `GET / HTTP/1.1\r\nhost: a\r\n${pieces.join('')}\r\n`.replace(/(\r\n)+$/, '\r\n'),
        );
        if (found instanceof Refusal) return;
        expect(found.lines.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]/);
        expect(found.lines === '' || found.lines.endsWith('\r\n')).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the headers of a request', () => {
  it('are named in lower case, and joined where they are there several times', () => {
    const found = headersOf('Accept: a\r\nX-A:  b \r\naccept: c\r\n__proto__: d\r\n');
    expect({ ...found }).toEqual({ accept: 'a, c', 'x-a': 'b', ['__proto__']: 'd' });
  });
});
