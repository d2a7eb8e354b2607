import { describe, expect, it } from 'vitest';
import { QueueWaits } from './queueWaits.js';

const node = (waiting: number, completed: number) => ({ waiting, completed });

describe('the wait for a thread', () => {
  it('is the mean queue, divided by the rate of requests', () => {
    const waits = new QueueWaits();
    waits.add(new Map([['a', node(0, 100)]]), 0);
    for (const [n, waiting] of [6, 2, 4].entries())
      waits.add(new Map([['a', node(waiting, 110 + 10 * n)]]), 100 * (n + 1));
    // 4 requests wait on average, and 100 are carried out in a second
    expect(waits.take()).toBe(40);
  });

  it('is counted from the last sample of the call before', () => {
    const waits = new QueueWaits();
    waits.add(new Map([['a', node(9, 0)]]), 0);
    waits.add(new Map([['a', node(9, 90)]]), 100);
    expect(waits.take()).toBeCloseTo(10);
    waits.add(new Map([['a', node(0, 180)]]), 200);
    expect(waits.take()).toBe(0);
  });

  it('is that of the node where it is longest, among those with enough requests', () => {
    const waits = new QueueWaits();
    const queues = (completed: number) =>
      new Map([
        ['busy', node(10, 100 * completed)],
        ['slow', node(10, 10 * completed)],
        ['new', node(10, completed)],
      ]);
    waits.add(queues(0), 0);
    waits.add(queues(1), 100);
    expect(waits.take()).toBe(100);
  });

  it('is not known from a single sample, or on a node that was not there before', () => {
    const waits = new QueueWaits();
    expect(waits.take()).toBe(0);
    waits.add(new Map([['a', node(5, 50)]]), 0);
    expect(waits.take()).toBe(0);
    waits.add(new Map([['b', node(5, 50)]]), 100);
    expect(waits.take()).toBe(0);
  });
});
