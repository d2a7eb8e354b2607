import { expect, it } from 'vitest';
import { Pulses } from './pulses.js';

it('measures how long a process has written nothing new, by its own clock', () => {
  const pulses = new Pulses();
  expect(pulses.silentMs('a', '1', 0)).toBe(0);
  expect(pulses.silentMs('a', '1', 4_000)).toBe(4_000);
  expect(pulses.silentMs('a', '2', 5_000)).toBe(0);
  expect(pulses.silentMs('a', '2', 6_000)).toBe(1_000);
  expect(pulses.silentMs('b', '2', 6_000)).toBe(0);
});

it('forgets a process whose document is gone for ten minutes', () => {
  const pulses = new Pulses();
  pulses.silentMs('gone', '1', 0);
  pulses.silentMs('there', '1', 0);
  pulses.silentMs('there', '1', 600_000);
  pulses.forget(600_001);
  expect(pulses.silentMs('there', '1', 600_002)).toBe(600_002);
  expect(pulses.silentMs('gone', '1', 600_002)).toBe(0);
});
