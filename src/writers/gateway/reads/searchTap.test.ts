import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { FoundSearch } from '../../mirror/request/readRules.js';
import { readRequestHead, type RequestHead } from '../http/requestHead.js';
import { readResponseHead } from '../http/responseHead.js';
import { type AnsweredSearch, MAX_ANSWER, MAX_REQUEST, SearchTap } from './searchTap.js';

interface Exchanged {
  readonly request?: Buffer;
  readonly requestHeaders?: string;
  readonly answer?: Buffer;
  readonly answerHeaders?: string;
  /** Status of the answer; 0 if the client or the node is gone. */
  readonly status?: number;
}

/** @returns the tap's result, when bodies arrive in pieces of up to 100,000 bytes */
async function tapped({
  request = Buffer.alloc(0),
  requestHeaders = '',
  answer = Buffer.from('{"a":1}'),
  answerHeaders = 'content-type: application/json\r\n',
  status = 200,
}: Exchanged): Promise<AnsweredSearch | undefined> {
  const head = readRequestHead(`POST /a/_search HTTP/1.1\r\nhost: a\r\n${requestHeaders}`) as RequestHead;
  return await new Promise((resolve) => {
    const tap = new SearchTap({
      search: {} as FoundSearch,
      head,
      origin: { address: '127.0.0.1', proto: 'http' },
      wantsAnswer: true,
      onAnswered: async (answered) => resolve(answered),
    });
    for (let at = 0; at < request.length; at += 100_000) tap.onRequest(request.subarray(at, at + 100_000));
    for (let at = 0; at < answer.length; at += 100_000) tap.onAnswer(answer.subarray(at, at + 100_000));
    tap.onEnd(status === 0 ? undefined : readResponseHead(`HTTP/1.1 ${status} X\r\n${answerHeaders}`));
  });
}

const GZIP = 'content-type: application/json\r\ncontent-encoding: gzip\r\n';

describe('a search and its answer', () => {
  it('are collected whole and decompressed', async () => {
    const request = Buffer.from(JSON.stringify({ text: 'long '.repeat(40_000) }));
    const plain = await tapped({ request });
    expect(plain?.body?.equals(request)).toBe(true);
    expect(plain?.answer).toEqual(Buffer.from('{"a":1}'));
    const packed = await tapped({
      request: gzipSync(request),
      requestHeaders: 'content-encoding: gzip\r\n',
      answer: gzipSync('{"b":2}'),
      answerHeaders: GZIP,
    });
    expect(packed?.body?.equals(request)).toBe(true);
    expect(packed?.answer).toEqual(Buffer.from('{"b":2}'));
  });

  it('are collected where the search has no body', async () => {
    expect((await tapped({}))?.body).toEqual(Buffer.alloc(0));
  });

  it.each<[string, Exchanged, 'body' | 'answer']>([
    ['a request that is too large', { request: Buffer.alloc(MAX_REQUEST + 1) }, 'body'],
    [
      'one that unpacks to too much',
      { request: gzipSync(Buffer.alloc(MAX_REQUEST + 1)), requestHeaders: 'content-encoding: gzip\r\n' },
      'body',
    ],
    [
      'one packed in an unknown way',
      { request: Buffer.from('x'), requestHeaders: 'content-encoding: br\r\n' },
      'body',
    ],
    [
      'one that is not what it says',
      { request: Buffer.from('x'), requestHeaders: 'content-encoding: gzip\r\n' },
      'body',
    ],
    ['an answer that is too large', { answer: Buffer.alloc(MAX_ANSWER + 1) }, 'answer'],
    [
      'one that unpacks to too much',
      { answer: gzipSync(Buffer.alloc(MAX_ANSWER + 1)), answerHeaders: GZIP },
      'answer',
    ],
    ['one that is no JSON', { answerHeaders: 'content-type: application/yaml\r\n' }, 'answer'],
  ])('is not given with %s', async (_, exchanged, missing) => {
    const answered = await tapped(exchanged);
    expect(answered).toBeDefined();
    expect(answered?.[missing]).toBeUndefined();
  });

  it('are ignored where the search failed, or was not complete', async () => {
    expect(await tapped({ status: 400 })).toBeUndefined();
    expect(await tapped({ status: 0 })).toBeUndefined();
  });
});
