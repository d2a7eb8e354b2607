// What is no proper HTTP, or means to be understood in two ways: a clear answer, a closed connection, and nothing of it
// reaches the node.
import { type IncomingMessage, request as httpRequest } from 'node:http';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countOf, openGateway, openOrigin, RawClient } from '../harness.js';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** A node that says `seen` and remembers. */
async function openRecorder(): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const url = await openOrigin(async (request, response) => {
    const body = await readWhole(request);
    if (body !== undefined)
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    response.shouldKeepAlive = request.headers['last-of-its-connection'] === undefined;
    response.end('seen');
  });
  return { url, seen };
}

/** Undefined when it was broken off. */
async function readWhole(request: IncomingMessage): Promise<string | undefined> {
  try {
    return Buffer.concat((await request.toArray()) as Buffer[]).toString('latin1');
  } catch {
    return undefined;
  }
}

const post = (lines: string, body = ''): string =>
  `POST /a/_msearch HTTP/1.1\r\nhost: a\r\n${lines}\r\n${body}`;

describe('what is no proper request', () => {
  const refused: Record<string, readonly [number, string]> = {
    'a length and chunks': [
      400,
      post(
        'content-length: 5\r\ntransfer-encoding: chunked\r\n',
        '0\r\n\r\nGET /b HTTP/1.1\r\nhost: a\r\n\r\n',
      ),
    ],
    'two lengths': [
      400,
      post('content-length: 0\r\ncontent-length: 30\r\n', 'GET /b HTTP/1.1\r\nhost: a\r\n\r\n'),
    ],
    'a length behind a space': [400, post('content-length : 30\r\n', 'GET /b HTTP/1.1\r\nhost: a\r\n\r\n')],
    'a folded header': [400, post('x: 1\r\n transfer-encoding: chunked\r\n', '0\r\n\r\n')],
    'chunks in disguise': [400, post('transfer-encoding: xchunked\r\n', '0\r\n\r\n')],
    'a bare LF in a header': [400, post('x: 1\ntransfer-encoding: chunked\r\n', '0\r\n\r\n')],
    'a head of bare LFs': [400, 'GET / HTTP/1.1\nhost: a\n\n'],
    'a chunk size that is none': [400, post('transfer-encoding: chunked\r\n', 'zz\r\n')],
    'a chunk that does not end where it should': [
      400,
      post('transfer-encoding: chunked\r\n', '3\r\nabcd\r\n0\r\n\r\n'),
    ],
    'a header with a NUL': [400, post('x: a\0b\r\n')],
    'an absolute target': [400, 'GET http://elsewhere:9200/ HTTP/1.1\r\nhost: a\r\n\r\n'],
    'a tunnel': [400, 'CONNECT a:22 HTTP/1.1\r\nhost: a\r\n\r\n'],
    'TLS where none is spoken': [400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    'no host': [400, 'GET / HTTP/1.1\r\n\r\n'],
    'HTTP/2 without being asked': [505, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    'a head that is too large': [431, `GET / HTTP/1.1\r\nhost: a\r\n${'x: y\r\n'.repeat(12_000)}\r\n`],
    'a head line that never ends': [431, `GET /${'a'.repeat(70_000)}`],
    'an expectation that nobody can meet': [417, post('expect: a miracle\r\n')],
  };
  for (const [what, [status, text]] of Object.entries(refused)) {
    it(`is refused: ${what}`, async () => {
      const { url: node, seen } = await openRecorder();
      const { url } = await openGateway({ nodes: [node] });
      const client = RawClient.open(url);
      client.send(text);
      const received = await client.untilClosed();
      expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(countOf(received, 'HTTP/1.1 ')).toBe(1);
      const body = JSON.parse(received.slice(received.indexOf('\r\n\r\n'))) as { status: number };
      expect(body).toMatchObject({ status, error: { reason: expect.any(String), root_cause: [{}] } });
      expect(seen).toEqual([]);
    });
  }

  it('does not keep what came properly before it from being answered', async () => {
    const { url: node } = await openRecorder();
    const { url } = await openGateway({ nodes: [node] });
    const client = RawClient.open(url);
    client.send(`GET /a HTTP/1.1\r\nhost: a\r\n\r\nGET b HTTP/1.1\r\n\r\n`);
    const received = await client.untilClosed();
    expect(received).toMatch(/^HTTP\/1.1 200 OK[\s\S]*seen\r?\n?HTTP\/1.1 400 /);
  });
});

describe('whatever is sent', () => {
  it('never brings the gateway down, and a node sees only what is a proper request', async () => {
    const { url: node, seen } = await openRecorder();
    const { url } = await openGateway({
      nodes: [node],
      times: { headMs: 100, bodyMs: 100, idleMs: 100, lingerMs: 50 },
    });
    const piece = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.constantFrom(
          'GET ',
          'POST ',
          '/a',
          '/a/_msearch',
          ' HTTP/1.1\r\n',
          ' HTTP/1.0\r\n',
          'host: a\r\n',
        ),
      },
      {
        weight: 5,
        arbitrary: fc.constantFrom(
          '\r\n',
          '\r\n\r\n',
          '\n',
          '\r',
          ':',
          ' ',
          '\0',
          '0\r\n\r\n',
          '5\r\nhello\r\n',
        ),
      },
      {
        weight: 5,
        arbitrary: fc.constantFrom(
          'content-length: 5\r\n',
          'transfer-encoding: chunked\r\n',
          'connection: close\r\n',
          'expect: 100-continue\r\n',
        ),
      },
      {
        weight: 1,
        arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 14 }), async (pieces) => {
        const client = RawClient.open(url);
        client.send(`GET / HTTP/1.1\r\nhost: a\r\n${pieces.join('')}`);
        client.send('\r\n\r\n');
        await client.untilClosed().finally(() => client.socket.destroy());
        // on a connection of its own: one that is idle may be closed just when it is used again
        const healthy = RawClient.open(url);
        healthy.send('GET /-/health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
        expect(await healthy.untilClosed()).toMatch(/^HTTP\/1.1 200 /);
      }),
      { numRuns: 100 },
    );
    for (const { method, url: target, headers } of seen) {
      expect(['GET', 'POST']).toContain(method);
      expect(target).toMatch(/^\/[!-~]*$/);
      expect(headers['content-length'] === undefined || headers['transfer-encoding'] === undefined).toBe(
        true,
      );
    }
  });

  it('arrives as it was sent, where it is a proper request', async () => {
    const { url: node, seen } = await openRecorder();
    const { url } = await openGateway({ nodes: [node] });
    const name = fc
      .stringMatching(/^x-[a-z0-9!#$%&'*+.^_`|~-]{1,20}$/)
      .filter((text) => !text.startsWith('x-forwarded'));
    const value = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
    const request = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
      path: fc.stringMatching(/^\/[a-zA-Z0-9%_.,;:@!$&'()*+=~<>{}|^`/-]{0,40}(\?[a-z0-9=&%+_.-]{0,30})?$/),
      headers: fc.dictionary(name, value, { maxKeys: 5 }),
      body: fc.uint8Array({ maxLength: 3_000 }),
      chunked: fc.boolean(),
      // the next one finds no connection to the node
      closes: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, headers, body, chunked, closes }) => {
        const bytes = Buffer.from(body);
        const text = await new Promise<string>((resolve, reject) => {
          const { hostname, port } = new URL(url);
          const framing = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': bytes.length };
          const closing = closes ? { 'last-of-its-connection': '1' } : {};
          const sending = httpRequest(
            {
              hostname,
              port,
              method,
              path,
              headers: { ...headers, ...framing, ...closing },
              signal: AbortSignal.timeout(30_000),
            },
            async (answer) => resolve(Buffer.concat((await answer.toArray()) as Buffer[]).toString()),
          ).on('error', reject);
          if (chunked) for (const at of [0, 1_000, 2_000]) sending.write(bytes.subarray(at, at + 1_000));
          sending.end(chunked ? undefined : bytes);
        });
        expect(text).toBe('seen');
        const last = seen.pop();
        expect(last).toMatchObject({ method, url: path, body: bytes.toString('latin1') });
        for (const [key, one] of Object.entries(headers)) expect(last?.headers[key]).toBe(one);
      }),
      // one that hangs is shown as it is: to make it smaller would take the time of many
      { numRuns: 200, endOnFailure: true },
    );
  });
});
