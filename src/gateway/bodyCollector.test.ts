import { gzipSync, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Allowance, BodyCollector } from './bodyCollector.js';

interface Given {
  readonly encoding?: string;
  readonly contentLength?: number;
  readonly maxBytes?: number;
  readonly allowance?: Allowance;
}

/** The body as text, or the status that it is refused with. */
function collect(pieces: readonly Buffer[], given: Given = {}): Promise<string | number> {
  return new Promise((resolve) => {
    const collector = new BodyCollector({
      contentLength: given.contentLength,
      encoding: given.encoding,
      maxBytes: given.maxBytes ?? 10_000_000,
      allowance: given.allowance ?? new Allowance(1 << 30),
      onPause: () => undefined,
      onResume: () => undefined,
      onDone: (body) => resolve(body.toString()),
      onRefused: ({ status }) => resolve(status),
    });
    for (const piece of pieces) collector.take(piece);
    collector.end();
  });
}

const text = Buffer.from('{"index":{}}\n{"a":1}\n'.repeat(20_000));
const pieces = (bytes: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / 5_000) }, (_, n) =>
    bytes.subarray(n * 5_000, (n + 1) * 5_000),
  );

describe('the body of a request that is looked into', () => {
  it('is put together, with and without a length', async () => {
    expect(await collect(pieces(text))).toBe(String(text));
    expect(await collect(pieces(text), { contentLength: text.length })).toBe(String(text));
    expect(await collect([])).toBe('');
  });

  it('is unpacked', async () => {
    expect(await collect(pieces(gzipSync(text)), { encoding: 'gzip' })).toBe(String(text));
    expect(await collect(pieces(deflateSync(text)), { encoding: 'Deflate' })).toBe(String(text));
  });

  it('is refused where it is longer than it may be, packed or not', async () => {
    expect(await collect(pieces(text), { maxBytes: 1_000 })).toBe(413);
    expect(await collect([], { contentLength: 2_000, maxBytes: 1_000 })).toBe(413);
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(await collect(pieces(bomb), { encoding: 'gzip', maxBytes: 1_000_000 })).toBe(413);
  });

  it('is refused where it is not what its encoding says', async () => {
    expect(await collect([text], { encoding: 'gzip' })).toBe(400);
    expect(await collect([gzipSync(text).subarray(0, 100)], { encoding: 'gzip' })).toBe(400);
    expect(await collect([text], { encoding: 'br' })).toBe(415);
  });

  it('is refused while others hold too much, and gives back what it held', async () => {
    const allowance = new Allowance(500_000);
    const contentLength = text.length;
    expect(await collect(pieces(text), { allowance, contentLength })).toBe(String(text));
    expect(await collect(pieces(text), { allowance, contentLength })).toBe(429);
    const another = new Allowance(500_000);
    for (let n = 0; n < 5; n++)
      expect(await collect(pieces(text), { allowance: another, maxBytes: 400_000 })).toBe(413);
    expect(another.take(500_000)).toBe(true);
  });
});
