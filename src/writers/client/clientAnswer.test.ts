import { deflateSync, gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readAnswer, readStream, textHeaders, unpack } from './clientAnswer.js';

describe('an answer', () => {
  it('is unpacked, its headers as text', async () => {
    const headers = { 'Content-Encoding': 'gzip', 'x-count': ['1', '2'], none: undefined };
    const { status, headers: texts, body } = await readAnswer(200, headers, gzipSync('{"a":1}'));
    expect([status, body.toString()]).toEqual([200, '{"a":1}']);
    expect(texts).toEqual({ 'content-encoding': 'gzip', 'x-count': '1, 2' });
  });

  it('is left as it is when it is empty, or has an unknown encoding', async () => {
    expect(await unpack(Buffer.alloc(0), 'gzip')).toEqual(Buffer.alloc(0));
    expect(await unpack(Buffer.from('a'), 'identity')).toEqual(Buffer.from('a'));
    expect((await unpack(deflateSync('abc'), ' Deflate')).toString()).toBe('abc');
  });

  it('is whole when its pieces cut through a character', async () => {
    const bytes = Buffer.from('aä');
    const stream = Readable.from([bytes.subarray(0, 2), bytes.subarray(2)]);
    expect((await readStream(stream)).toString()).toBe('aä');
  });

  it('has the numbers that a client writes into headers as text', () => {
    expect(textHeaders({ 'Content-Length': 12, 'x-y': null })).toEqual({ 'content-length': '12' });
  });
});
