import { expect, it } from 'vitest';
import { PastWriters } from './pastWriters.js';

it('documents from before all writers mirrored have not bypassed anybody', () => {
  const past = new PastWriters(0);
  past.note({ byFollowing: 0, explained: 0 }, false);
  past.note({ byFollowing: 95, explained: 0 }, false);
  past.note({ byFollowing: 95, explained: 0 }, true);
  expect(past.count).toBe(0);
});

it('a document that following copied before its writer did has not bypassed it, however late the writer reports that', () => {
  const past = new PastWriters(0);
  past.note({ byFollowing: 10, explained: 2 }, false);
  past.note({ byFollowing: 10, explained: 10 }, true);
  past.note({ byFollowing: 40, explained: 40 }, true);
  expect(past.count).toBe(0);
});

it('a document that no writer copied is counted once, and stays counted', () => {
  const past = new PastWriters(0);
  past.note({ byFollowing: 5, explained: 5 }, false);
  past.note({ byFollowing: 12, explained: 5 }, true);
  expect(past.count).toBe(7);
  past.note({ byFollowing: 12, explained: 8 }, true);
  expect(past.count).toBe(7);
});

it('a coordinator that takes over continues the count of the earlier one', () => {
  const past = new PastWriters(7);
  past.note({ byFollowing: 1_000, explained: 200 }, false);
  past.note({ byFollowing: 1_003, explained: 200 }, true);
  expect(past.count).toBe(10);
});

it('unnecessary copies of a writer do not make the count negative', () => {
  const past = new PastWriters(0);
  past.note({ byFollowing: 5, explained: 5 }, false);
  past.note({ byFollowing: 5, explained: 50 }, true);
  expect(past.count).toBe(0);
});

it('after the roles were exchanged the count continues from its last value', () => {
  const past = new PastWriters(0);
  past.note({ byFollowing: 0, explained: 0 }, false);
  past.note({ byFollowing: 3, explained: 0 }, true);
  past.note({ byFollowing: 60, explained: 0 }, false);
  expect(past.count).toBe(3);
  past.note({ byFollowing: 62, explained: 0 }, true);
  expect(past.count).toBe(5);
});
