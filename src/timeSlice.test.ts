import { expect, it } from 'vitest';
import { parsingBulk } from './writers/mirror/bulk/bulkRequest.js';
import { atOnce, inSlices, mapping } from './timeSlice.js';

function* busy(steps: number): Generator<void, string> {
  for (let step = 0; step < steps; step++) {
    const end = performance.now() + 2;
    while (performance.now() < end);
    yield;
  }
  return 'done';
}

it('other tasks run during long work', async () => {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    if (!isOver) turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  expect(await inSlices(busy(100))).toBe('done');
  isOver = true;
  expect(turns).toBeGreaterThan(5);
});

it('short work is done at once', async () => {
  let wasTurn = false;
  setImmediate(() => (wasTurn = true));
  await inSlices(mapping([1, 2], (n) => n));
  expect(wasTurn).toBe(false);
});

it('the results are the same with and without pauses', async () => {
  const twice = (n: number, at: number): number => 2 * n + at;
  expect(await inSlices(mapping([3, 4], twice))).toEqual([6, 9]);
  expect(atOnce(mapping([3, 4], twice))).toEqual([6, 9]);
});

it('a large bulk is read operation by operation', () => {
  const work = parsingBulk(Buffer.from('{"index":{}}\n{"a":1}\n'.repeat(1_000)));
  let steps = 0;
  while (!work.next().done) steps++;
  expect(steps).toBe(1_000);
});
