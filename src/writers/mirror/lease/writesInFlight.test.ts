import { expect, it, vi } from 'vitest';
import { WritesInFlight } from './writesInFlight.js';

it('a generation is in use until its last write has ended, and each write ends once', () => {
  const onDrained = vi.fn();
  const writes = new WritesInFlight(onDrained);
  const [first, second, newer] = [writes.begin(3), writes.begin(3), writes.begin(4)];
  expect([writes.count, writes.oldest]).toEqual([3, 3]);
  first();
  first();
  expect([writes.count, writes.oldest, onDrained.mock.calls.length]).toEqual([2, 3, 0]);
  second();
  expect([writes.count, writes.oldest, onDrained.mock.calls.length]).toEqual([1, 4, 1]);
  newer();
  expect([writes.count, writes.oldest]).toEqual([0, Number.POSITIVE_INFINITY]);
});

it('a copy that no write waits for keeps its generation in use, and is known as such', () => {
  const onDrained = vi.fn();
  const writes = new WritesInFlight(onDrained);
  const write = writes.begin(3);
  const end = writes.beginCopy(3);
  write();
  expect([writes.hasUnawaitedCopies, writes.oldest, onDrained.mock.calls.length]).toEqual([true, 3, 0]);
  end();
  expect([writes.hasUnawaitedCopies, writes.count]).toEqual([false, 0]);
  expect(onDrained).toHaveBeenCalled();
});
