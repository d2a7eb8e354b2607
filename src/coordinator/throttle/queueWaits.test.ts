import { describe, expect, it } from 'vitest';
import { QueueWaits } from './queueWaits.js';

const node = (waiting: number, completed: number) => ({ waiting, completed });
const one = (waiting: number, completed: number) => new Map([['a', node(waiting, completed)]]);

describe('the wait for a thread', () => {
  it('is the mean queue, divided by the rate of requests', () => {
    const waits = new QueueWaits();
    waits.add(one(0, 100), 0);
    for (const [n, waiting] of [6, 2, 4].entries()) waits.add(one(waiting, 110 + 10 * n), 100 * (n + 1));
    // 4 requests wait on average, and 100 are carried out in a second
    expect(waits.take()).toEqual({ ms: 40, requests: 30 });
  });

  it('is counted from the last sample of the call before', () => {
    const waits = new QueueWaits();
    waits.add(one(9, 0), 0);
    waits.add(one(9, 90), 100);
    expect(waits.take().ms).toBeCloseTo(10);
    waits.add(one(0, 180), 200);
    expect(waits.take()).toEqual({ ms: 0, requests: 90 });
  });

  it('does not include a time without samples', () => {
    const waits = new QueueWaits();
    waits.add(one(0, 0), 0);
    waits.add(one(0, 10), 100);
    waits.take();
    waits.add(one(1, 500), 100_000);
    waits.add(one(1, 510), 100_100);
    expect(waits.take()).toEqual({ ms: 10, requests: 10 });
  });

  it('is that of the node where it is longest; an empty queue on an idle node says nothing', () => {
    const waits = new QueueWaits();
    const queues = (turn: number) =>
      new Map([
        ['busy', node(10, 100 * turn)],
        ['slow', node(10, 10 * turn)],
        ['idle', node(turn === 1 ? 1 : 0, turn)],
      ]);
    waits.add(queues(0), 0);
    waits.add(queues(1), 100);
    waits.add(queues(2), 200);
    expect(waits.take()).toEqual({ ms: 100, requests: 222 });
  });

  it('is long on a node that carries out hardly anything of a full queue', () => {
    const waits = new QueueWaits();
    waits.add(one(50, 0), 0);
    waits.add(one(50, 2), 500);
    expect(waits.take().ms).toBe(12_500);
  });

  it('is not known from a single sample, or on a node that was not there before or has started anew', () => {
    const waits = new QueueWaits();
    expect(waits.take().ms).toBe(0);
    waits.add(one(0, 50), 0);
    expect(waits.take().ms).toBe(0);
    waits.add(new Map([['b', node(0, 50)]]), 100);
    expect(waits.take()).toEqual({ ms: 0, requests: 0 });
    waits.add(new Map([['b', node(0, 5)]]), 200);
    expect(waits.take()).toEqual({ ms: 0, requests: 0 });
  });
});
