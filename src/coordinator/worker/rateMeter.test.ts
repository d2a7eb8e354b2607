import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RateMeter } from './rateMeter.js';

describe('the rate of a worker', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is that of all windows, including those that have ended', () => {
    const meter = new RateMeter();
    meter.set([['a', 0]]);
    vi.advanceTimersByTime(1_000);
    meter.set([
      ['a', 600],
      ['b', 400],
    ]);
    expect(meter.perSecond).toBe(1_000);
    vi.advanceTimersByTime(1_000);
    meter.set([['c', 500]]);
    expect(meter.perSecond).toBe(750);
  });

  it('forgets old samples', () => {
    const meter = new RateMeter();
    meter.set([]);
    for (let second = 1; second <= 20; second++) {
      vi.advanceTimersByTime(1_000);
      meter.set([['a', second > 10 ? 10_000 : second * 1_000]]);
    }
    expect(meter.perSecond).toBe(0);
  });
});
