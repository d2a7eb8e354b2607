import { gzipSync, deflateSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Allowance } from './allowance.js';
import { BodyCollector } from './bodyCollector.js';

interface Given {
  readonly encoding?: string;
  readonly contentLength?: number;
  readonly maxBytes?: number;
  readonly allowance?: Allowance;
}

/** @returns the collected body as text, or the status of its refusal */
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

describe('the body of a request that the gateway reads', () => {
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

  it('is refused where it does not have the encoding that its header names', async () => {
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
    expect(another.take(500_000, { held: 0, rate: () => 0, giveWay: () => undefined })).toBe(true);
  });

  it('counts with the bytes that have arrived, not with the announced ones', async () => {
    const allowance = new Allowance(4 << 20);
    const waiting = Array.from({ length: 10 }, () => begun(allowance, { contentLength: 200 << 20 }));
    for (const { collector } of waiting) collector.take(Buffer.alloc(300_000));
    expect(await collect(pieces(text), { allowance })).toBe(String(text));
    expect(waiting.map(({ status }) => status())).toEqual(waiting.map(() => undefined));
    for (const { collector } of waiting) collector.discard();
    // the first body still counts while its request is carried out
    expect(await collect([Buffer.alloc(3 << 20)], { allowance })).toHaveLength(3 << 20);
  });

  it('leaves room for small ones, however many large ones there are', async () => {
    const allowance = new Allowance(16 << 20);
    const large = begun(allowance, { contentLength: 17 << 20, maxBytes: 100 << 20 });
    large.collector.take(Buffer.alloc(16 << 20));
    expect(await collect([Buffer.alloc(1 << 20)], { allowance })).toHaveLength(1 << 20);
    expect(large.status()).toBeUndefined();
  });

  it('is given up when others need its room, the slowest large one first', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const allowance = new Allowance(16 << 20);
    const slow = begun(allowance, { contentLength: 9 << 20 });
    slow.collector.take(Buffer.alloc(6 << 20));
    const small = begun(allowance, { contentLength: 2 << 20 });
    small.collector.take(Buffer.alloc(100_000));
    vi.advanceTimersByTime(60_000);
    const quick = begun(allowance, { contentLength: 9 << 20 });
    quick.collector.take(Buffer.alloc(6 << 20));
    vi.advanceTimersByTime(1_000);
    const another = begun(allowance, { contentLength: 9 << 20 });
    another.collector.take(Buffer.alloc(8 << 20));
    expect([slow, small, quick, another].map(({ status }) => status())).toEqual([
      429,
      undefined,
      undefined,
      undefined,
    ]);
    // now the body that needs more memory is itself the slowest large one
    vi.advanceTimersByTime(100);
    quick.collector.take(Buffer.alloc(3 << 20));
    expect([small, quick, another].map(({ status }) => status())).toEqual([undefined, 429, undefined]);
  });
});

/** Begins to collect a body, and does not end it. */
function begun(allowance: Allowance, given: Omit<Given, 'allowance'> = {}) {
  let refused: number | undefined;
  const collector = new BodyCollector({
    contentLength: given.contentLength,
    encoding: given.encoding,
    maxBytes: given.maxBytes ?? 1 << 30,
    allowance,
    onPause: () => undefined,
    onResume: () => undefined,
    onDone: () => undefined,
    onRefused: ({ status }) => (refused = status),
  });
  return { collector, status: () => refused };
}
