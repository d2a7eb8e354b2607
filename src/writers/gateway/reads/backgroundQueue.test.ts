import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BackgroundQueue } from './backgroundQueue.js';

/** @returns the largest number of tasks that run at the same time, when `count` tasks arrive at once */
async function mostAtOnce(count: number): Promise<number> {
  const turns = new BackgroundQueue(5);
  let running = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await sleep(1);
    running--;
  };
  await Promise.all(Array.from({ length: count }, () => turns.take(work)));
  return most;
}

describe('work in the background', () => {
  it('is done one after the other, and more at once when many wait', async () => {
    expect(await mostAtOnce(5)).toBe(1);
    expect(await mostAtOnce(14)).toBe(3);
    expect(await mostAtOnce(25)).toBe(5);
  });

  it('is done in its order, and goes on after one that failed', async () => {
    const turns = new BackgroundQueue(5);
    const done: number[] = [];
    const failing = turns.take(() => Promise.reject(new Error('no')));
    const others = [1, 2, 3].map((n) => turns.take(async () => void done.push(n)));
    await expect(failing).rejects.toThrow('no');
    await Promise.all(others);
    expect(done).toEqual([1, 2, 3]);
  });
});
