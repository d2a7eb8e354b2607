import { expect, it } from 'vitest';
import { within } from './within.js';

it('gives the result or the error of work that ends in time', async () => {
  expect(await within(Promise.resolve(7), 10_000)).toBe(7);
  await expect(within(Promise.reject(new Error('no')), 10_000)).rejects.toThrow('no');
});

it('does not wait longer, and ignores a failure that comes later', async () => {
  let fail: (error: Error) => void = () => undefined;
  const work = new Promise<number>((_, reject) => {
    fail = reject;
  });
  expect(await within(work, 1)).toBeUndefined();
  fail(new Error('later'));
});
