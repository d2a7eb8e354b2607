import { expect, it } from 'vitest';
import { HoldTimes } from './holdTimes.js';

it('counts each hold once, and adds up how long they last', () => {
  const holds = new HoldTimes();
  expect(holds.view).toEqual({ presentMs: 0, count: 0, totalMs: 0 });
  holds.update(true, 1_000);
  holds.update(true, 1_200);
  holds.update(false, 1_500);
  holds.update(false, 1_600);
  expect(holds.view).toEqual({ presentMs: 0, count: 1, totalMs: 500 });
  holds.update(true, performance.now());
  const { presentMs, count, totalMs } = holds.view;
  expect(count).toBe(2);
  expect(totalMs).toBeCloseTo(500 + presentMs);
});
