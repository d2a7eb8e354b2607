// Compares the gateway's HTTP parser with the parser of Node.js, on requests that are nearly right. Each
// request that the gateway accepts must be accepted by Node.js as well, with the same method, target, headers
// and body. Otherwise a request could be smuggled past the gateway. The gateway may refuse more than Node.js
// does.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientConnection, type Service } from './clientConnection.js';
import type { Exchange } from './exchange.js';
import { headersOf, type RequestHead } from './http/requestHead.js';
import { TIMES } from './settings.js';

/** In milliseconds. `npm run test:nightly` sets TWINDEX_FUZZ_MS. */
const TIME_LIMIT = Number(process.env['TWINDEX_FUZZ_MS'] ?? 4_000);
/** `npm test` always tries the same requests. A longer run tries new ones; fast-check prints the seed. */
const SEED = process.env['TWINDEX_FUZZ_MS'] ? {} : { seed: 20_261_130 };

interface Request {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Headers about the connection or the framing, which the gateway does not forward. */
const NOT_HANDED_ON = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-forwarded-for',
]);

class MemorySocket extends Duplex {
  override _read(): void {}
  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }
}

/** The requests that the gateway reads to their end, in order. */
function readWithGateway(pieces: readonly Buffer[]): Request[] {
  const requests: Request[] = [];
  const service: Service = {
    times: TIMES,
    stopping: false,
    begin: (head, client) => new Recording(head, client, requests),
    refuse: (_refusal, client) => client.linger(),
    closed: () => undefined,
    trouble: (error) => {
      throw error;
    },
  };
  const socket = new MemorySocket() as unknown as Socket;
  const connection = new ClientConnection(socket, 'http', service);
  for (const piece of pieces) socket.emit('data', piece);
  connection.destroy();
  return requests;
}

/** Answers a request when it is complete. */
class Recording implements Exchange {
  readonly hasBegun = false;
  readonly answerMs = 1_000;
  readonly onlyReads = false;
  readonly #head: RequestHead;
  readonly #client: ClientConnection;
  readonly #requests: Request[];
  #body = '';

  constructor(head: RequestHead, client: ClientConnection, requests: Request[]) {
    this.#head = head;
    this.#client = client;
    this.#requests = requests;
  }

  start(): void {
    if (this.#client.bodyDone) this.onBodyEnd();
  }

  onBody(bytes: Buffer): void {
    this.#body += bytes.toString('latin1');
  }

  onBodyEnd(): void {
    const { method, target, lines, keepAlive, host, forwardedFor } = this.#head;
    const headers = { ...headersOf(lines), host, 'x-forwarded-for': forwardedFor.replace(/, $/, '') };
    this.#requests.push({ method, target, headers: withoutEmpty(headers), body: this.#body });
    this.#client.finished(this, !keepAlive);
  }

  onPiece(): void {}
  onDrain(): void {}
  onGone(): void {}
  onTimeout(): void {}
}

/** Removes headers without a value, which this comparison treats like missing headers. */
function withoutEmpty(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
}

class NodeReader {
  readonly #server: Server;
  #requests: Request[] = [];

  constructor() {
    const take = (message: IncomingMessage, answer: { end(): unknown }): void => {
      let body = '';
      message
        .on('data', (bytes: Buffer) => (body += bytes.toString('latin1')))
        .on('end', () => {
          this.#requests.push(requestOf(message, body));
          answer.end();
        })
        .on('error', () => undefined);
    };
    // Some headers make Node.js emit other events than 'request', which say nothing about the parser.
    this.#server = createServer(take)
      .on('checkContinue', take)
      .on('checkExpectation', take)
      // Leave the socket open: requests before the malformed one are still on their way to `take`.
      .on('clientError', () => undefined);
  }

  async read(pieces: readonly Buffer[]): Promise<Request[]> {
    this.#requests = [];
    const requests = this.#requests;
    const socket = new MemorySocket();
    this.#server.emit('connection', socket);
    for (const piece of pieces) socket.push(piece);
    // everything is in memory, so a reader that finds nothing new for some turns of the loop has read all
    for (let quiet = 0, seen = 0; quiet < 4; quiet++) {
      await nextTurn();
      if (requests.length > seen) quiet = 0;
      seen = requests.length;
    }
    socket.destroy();
    return requests;
  }

  close(): void {
    this.#server.close();
  }
}

function requestOf({ method = '', url = '', rawHeaders }: IncomingMessage, body: string): Request {
  const lines: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2)
    lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`);
  const all = headersOf(lines.join(''));
  const named = (all['connection'] ?? '').split(',').map((name) => name.trim().toLowerCase());
  const rest = Object.entries(all).filter(([name]) => !NOT_HANDED_ON.has(name) && !named.includes(name));
  const { host = '', 'x-forwarded-for': forwardedFor = '' } = all;
  const headers = { ...Object.fromEntries(rest), host, 'x-forwarded-for': forwardedFor };
  return { method, target: url, headers: withoutEmpty(headers), body };
}

const oneOf = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);

/** Chooses the right text most of the time, so that several requests of one connection are read. */
function mostly(right: fc.Arbitrary<string>, wrong: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: wrong });
}

const lineEnd = mostly(oneOf('\r\n'), oneOf('\n', '\r', '\r\r\n', ' \r\n', ''));
const blank = oneOf('', ' ', '\t', '  ', '\v', '\f', '\u00a0');
const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));

const requestLine = fc
  .tuple(
    mostly(
      oneOf('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE'),
      oneOf('get', 'CONNECT', 'PRI', 'SOURCE', 'M-SEARCH', 'QUERY', 'GETT', ''),
    ),
    mostly(oneOf(' '), oneOf('', '  ', '\t')),
    mostly(
      oneOf(
        '/',
        '/a/_doc/1?refresh=true',
        '/_bulk',
        '/a%20b',
        '/a,b/_search?q=x:y',
        '//a',
        '/a?b?c=[1]{2}|"\\^`',
      ),
      fc.oneof(
        oneOf('*', 'a:80', 'http://a/b', '/a b', '/a#b', '/\u00fc', '', '/\0'),
        byte.map((one) => `/a${one}b`),
      ),
    ),
    mostly(oneOf(' '), oneOf('', '  ', '\t')),
    mostly(
      oneOf('HTTP/1.1'),
      oneOf(
        'HTTP/1.0',
        'HTTP/1.2',
        'HTTP/2.0',
        'HTTP/0.9',
        'http/1.1',
        'HTTP/1.1 ',
        'HTTP/01.1',
        'RTSP/1.0',
        'ICE/1.0',
        '',
      ),
    ),
    lineEnd,
  )
  .map((parts) => parts.join(''));

const value = fc.oneof(
  oneOf(
    'a',
    'text/plain; q="1"',
    '"a,b"',
    'caf\u00e9',
    'a\tb',
    '',
    'close',
    'chunked',
    '0',
    'a: b',
    'a\u0080b',
  ),
  byte,
);

const plainHeader = fc
  .tuple(
    mostly(
      oneOf(
        'Accept',
        'X-A',
        'x-a',
        'Cookie',
        'X-Forwarded-For',
        'Content-Type',
        '__proto__',
        'Keep-Alive',
        'TE',
        'Trailer',
        'Upgrade',
        'Proxy-Connection',
        "!#$%&'*+-.^_`|~",
      ),
      fc.oneof(
        oneOf('', ' X-A', 'X A', 'X-A ', 'X\u00c4', '(a)', 'a"b'),
        byte.map((one) => `x${one}a`),
      ),
    ),
    mostly(oneOf(':', ': '), oneOf('', ' :', ':: ', ';')),
    mostly(oneOf('a', 'b, c', '1'), value),
    lineEnd,
  )
  .map((parts) => parts.join(''));

// There is no `Connection: upgrade`: after it, Node.js drops the rest of the piece, but the gateway reads on.
const header = fc.oneof(
  { weight: 3, arbitrary: plainHeader },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        oneOf('Connection: ', 'connection:'),
        oneOf(
          'close',
          'keep-alive',
          'Close, X-A',
          'keep-alive, close',
          'x-a',
          'content-length',
          'transfer-encoding',
          ',',
          'close\t',
          'clos',
          'closed',
        ),
        lineEnd,
      )
      .map((parts) => parts.join('')),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(oneOf('Expect: '), oneOf('100-continue', '100-Continue', 'x'), lineEnd)
      .map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.tuple(oneOf(' ', '\t'), value, lineEnd).map((parts) => parts.join('')) },
);

const data = fc.oneof(
  oneOf('a', 'hello', '{"index":{}}\n{"a":1}\n', '\r\n', '0\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }),
);

/** `Content-Length` with its body. */
const sized = fc
  .tuple(
    data,
    blank,
    mostly(oneOf(''), oneOf('+', '-', '0', '00', '0x', ' ', '1', ',')),
    mostly(oneOf(''), oneOf(' ', '\t', ',', ', 5', '.0', ';')),
    mostly(oneOf(''), oneOf('x', '\r\n', '\n')),
  )
  .map(([text, space, before, after, more]) => ({
    line: `Content-Length:${space}${before}${text.length}${after}\r\n`,
    body: `${text}${more}`,
  }));

const chunk = fc
  .tuple(
    data,
    mostly(oneOf(''), oneOf('0', '00', '0x', '+', ' ', '-', '0000000000000000')),
    mostly(
      oneOf('', ';a', ';a=b', ';a="b"'),
      oneOf(
        ' ',
        '\t',
        ';',
        '; a=b',
        ' ;a',
        ';a="\r\n"',
        ';a="b\\"c"',
        ';\0',
        ';=',
        ';a=b;c',
        ';a =b',
        'g',
        ';\u00e9',
        ';a\n',
      ),
    ),
    lineEnd,
    lineEnd,
  )
  .map(
    ([text, before, extension, first, second]) =>
      `${before}${text.length.toString(16)}${extension}${first}${text}${second}`,
  );

const lastChunk = fc
  .tuple(
    mostly(oneOf('0'), oneOf('00', '0;a=b', '000000000', '', '-0', '0 ')),
    lineEnd,
    mostly(
      oneOf('', 'X-A: b\r\n'),
      fc.oneof(
        plainHeader,
        oneOf(
          'Content-Length: 5\r\n',
          'Transfer-Encoding: chunked\r\n',
          'Host: x\r\n',
          ' x\r\n',
          'x\r\n',
          ': a\r\n',
          'a: \u007f\r\n',
        ),
      ),
    ),
    lineEnd,
  )
  .map((parts) => parts.join(''));

const chunked = fc
  .tuple(
    mostly(
      oneOf('Transfer-Encoding: '),
      oneOf('transfer-encoding:', 'Transfer-Encoding:\t', 'Transfer-Encoding: \v', 'Transfer-Encoding : '),
    ),
    mostly(
      oneOf('chunked', 'Chunked'),
      oneOf(
        'identity',
        'gzip, chunked',
        'chunked, identity',
        'chunked,',
        ',chunked',
        'chunked ',
        'xchunked',
        'chunkedx',
        '"chunked"',
        'chunked;a=b',
        'chunked, chunked',
        '',
      ),
    ),
    fc.array(chunk, { maxLength: 3 }),
    lastChunk,
  )
  .map(([name, coding, chunks, last]) => ({
    line: `${name}${coding}\r\n`,
    body: `${chunks.join('')}${last}`,
  }));

const framing = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ line: '', body: '' }) },
  { weight: 3, arbitrary: sized },
  { weight: 3, arbitrary: chunked },
  // two framing headers, followed by the body that belongs to the first of them
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.oneof(sized, chunked), fc.oneof(sized, chunked))
      .map(([one, other]) => ({ line: `${one.line}${other.line}`, body: one.body })),
  },
);

const request = fc
  .tuple(
    mostly(oneOf(''), oneOf('\r\n', '\r\n\r\n', '\n', '\r', ' ')),
    requestLine,
    mostly(
      oneOf('Host: a\r\n'),
      oneOf('', 'Host:\r\n', 'Host: a\r\nHost: a\r\n', 'host:a:9200\r\n', 'Host: a b\r\n'),
    ),
    fc.array(header, { maxLength: 3 }),
    framing,
    fc.array(header, { maxLength: 1 }),
    lineEnd,
  )
  .map(([before, line, host, first, { line: length, body }, second, end]) =>
    [before, line, host, ...first, length, ...second, end, body].join(''),
  );

/** Inserts, removes or replaces one byte at a random place. */
const change = fc.tuple(
  oneOf('insert', 'remove', 'replace'),
  fc.nat(500),
  fc.oneof(oneOf('\r', '\n', '\0', ' ', '\t', ':', ';', ',', '0', '\u00ff', '\v'), byte),
);

function changed(text: string, [kind, place, one]: readonly [string, number, string]): string {
  const at = text.length === 0 ? 0 : place % text.length;
  return `${text.slice(0, at)}${kind === 'remove' ? '' : one}${text.slice(kind === 'insert' ? at : at + 1)}`;
}

const connection = fc
  .tuple(fc.array(request, { minLength: 1, maxLength: 3 }), fc.array(change, { maxLength: 1 }))
  .map(([requests, changes]) => changes.reduce(changed, requests.join('')));

/** Cuts the text into pieces, as a socket would deliver them. */
function piecesOf(text: string, cuts: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return places
    .slice(1)
    .map((to, n) => bytes.subarray(places[n], to))
    .filter((piece) => piece.length > 0);
}

describe('a connection, read by the gateway and by Node.js', () => {
  let reader: NodeReader;
  let taken = 0;

  beforeAll(() => {
    reader = new NodeReader();
  });

  afterAll(() => reader.close());

  it(
    'holds for Node.js every request that the gateway takes, with the same content',
    async () => {
      const property = fc.asyncProperty(
        connection,
        fc.array(fc.nat(500), { maxLength: 3 }),
        async (text, cuts) => {
          const pieces = piecesOf(text, cuts);
          const ours = readWithGateway(pieces);
          const theirs = await reader.read(pieces);
          expect(ours).toEqual(theirs.slice(0, ours.length));
          taken += ours.length;
        },
      );
      await fc.assert(property, {
        ...SEED,
        numRuns: Number.MAX_SAFE_INTEGER,
        interruptAfterTimeLimit: TIME_LIMIT,
        markInterruptAsFailure: false,
      });
      // if nearly all requests were refused, the comparison would test nothing
      expect(taken).toBeGreaterThan(100);
    },
    TIME_LIMIT + 60_000,
  );
});
