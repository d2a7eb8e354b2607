import { describe, expect, it } from 'vitest';
import { once } from './once.js';

describe('once', () => {
  it('makes one value for all callers during the first call', async () => {
    let made = 0;
    const waiting: (() => void)[] = [];
    const get = once(async () => {
      made++;
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
      return new Set<string>();
    });
    const asked = [get(), get(), get()];
    for (const resolve of waiting) resolve();
    const [first, ...others] = await Promise.all(asked);
    expect(made).toBe(1);
    for (const other of others) expect(other).toBe(first);
    expect(await get()).toBe(first);
  });

  it('makes it again after a failure', async () => {
    let tries = 0;
    const get = once(() => (++tries === 1 ? Promise.reject(new Error('not now')) : Promise.resolve(tries)));
    await expect(get()).rejects.toThrow('not now');
    expect(await get()).toBe(2);
  });
});
