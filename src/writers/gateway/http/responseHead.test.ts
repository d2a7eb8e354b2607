import { describe, expect, it } from 'vitest';
import { responseBody } from './bodyReader.js';
import { readResponseHead } from './responseHead.js';

describe('the head of a node’s answer', () => {
  it('is forwarded unchanged where it has no header about the connection', () => {
    const text = 'HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 3\r\n';
    expect(readResponseHead(text)).toMatchObject({
      status: 201,
      keepAlive: true,
      contentLength: 3,
      asItCame: true,
      lines: text,
    });
  });

  it('is forwarded without the headers about the connection', () => {
    const text = 'HTTP/1.1 200 OK\r\nConnection: close\r\nX-A: 1\r\nKeep-Alive: timeout=5\r\n';
    expect(readResponseHead(text)).toMatchObject({
      keepAlive: false,
      asItCame: false,
      lines: 'HTTP/1.1 200 OK\r\nX-A: 1\r\n',
    });
  });

  for (const broken of [
    'HTTP/2 200 OK\r\n',
    'SSH-2.0-OpenSSH\r\n',
    'HTTP/1.1 99 Low\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: x\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n',
    'HTTP/1.1 200 OK\r\nno colon\r\n',
  ]) {
    it(`is an error when it is ${JSON.stringify(broken)}`, () => {
      expect(() => readResponseHead(broken)).toThrow(Error);
    });
  }
});

describe('the body of a node’s answer', () => {
  const head = { status: 200, contentLength: 5, chunked: false };

  it('is not there for HEAD, 204 and 304, whatever the headers say', () => {
    expect(responseBody(head, 'HEAD')).toBeUndefined();
    expect(responseBody({ ...head, status: 204 }, 'GET')).toBeUndefined();
    expect(responseBody({ ...head, status: 304 }, 'GET')).toBeUndefined();
    expect(responseBody({ ...head, contentLength: 0 }, 'GET')).toBeUndefined();
  });

  it('ends where its length says', () => {
    const body = responseBody(head, 'GET');
    expect(body?.read(Buffer.from('helloHTTP'), 0, () => undefined)).toBe(5);
    expect(body?.done).toBe(true);
  });

  it('without a length ends with the connection', () => {
    const body = responseBody({ ...head, contentLength: undefined }, 'GET');
    expect(body?.read(Buffer.from('hello'), 0, () => undefined)).toBe(5);
    expect(body?.done).toBe(false);
  });
});
