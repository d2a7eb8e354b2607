import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { transformChain } from '../schema/chain.js';
import type { Transform } from '../schema/types.js';
import { reshapeWith } from './reshape.js';

const reshape = (up: unknown) => {
  const chain = transformChain({ name: 'catalogue', migrations: { 2: { up: up as Transform } } }, 1, 2);
  if (!chain) throw new Error('there is no transform');
  return async (doc: object) =>
    await reshapeWith(chain)(Buffer.from(JSON.stringify(doc)), { id: '7', routing: undefined });
};

describe('a transform', () => {
  it.each([
    ['is asynchronous', async (doc: object) => ({ ...doc, more: await Promise.resolve(1) })],
    ['is not', (doc: object) => ({ ...doc, more: 1 })],
  ])('changes a document, whether it %s', async (_, up) => {
    const shaped = await reshape(up)({ a: 1 });
    expect(shaped.type === 'index' && JSON.parse(Buffer.from(shaped.source).toString())).toEqual({
      a: 1,
      more: 1,
    });
  });

  it('drops a document with null', async () => {
    expect(await reshape(() => null)({})).toEqual({ type: 'drop' });
  });

  it('that throws refuses the document, and says where in the index file', async () => {
    const shaped = await reshape(() => {
      throw new TypeError('price is missing');
    })({});
    expect(shaped).toMatchObject({
      type: 'refused',
      reason: expect.stringMatching(
        /migrations\[2\]\.up of catalogue failed for document 7: price is missing \(at .*reshape\.test\.ts:\d+:\d+\)/,
      ) as string,
    });
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'x'],
    ['a number', 1],
    ['an array', []],
  ])('that gives %s refuses the document', async (_, value) => {
    for (const up of [() => value, () => Promise.resolve(value)])
      expect(await reshape(up)({})).toMatchObject({
        type: 'refused',
        reason: expect.stringContaining('Return the document as a plain object') as string,
      });
  });

  describe('that never answers', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it('refuses the document after 30 s', async () => {
      const shaping = reshape(() => new Promise(() => undefined))({});
      await vi.advanceTimersByTimeAsync(29_000);
      await vi.advanceTimersByTimeAsync(1_500);
      expect(await shaping).toMatchObject({
        type: 'refused',
        reason: expect.stringContaining('did not answer within 30 s') as string,
      });
    });
  });
});
