import { expect, test } from 'vitest';
import type { Plan } from './decidePlan.js';
import { fromHistory, isUsable, type Past } from './pace.js';

const plan: Plan = {
  name: 'shop',
  kind: 'new-version',
  source: { index: 'shop-v2', version: 2, uuid: 'u' },
  layout: 'two-aliases',
  changes: [],
  findings: [],
  estimate: { documents: 100_000, bytes: 50_000_000, diskBytes: 50_000_000 },
  route: { name: 'client', reason: 'r' },
  transform: true,
  lossyWayBack: false,
  fingerprint: 'f',
};

const past = (more: Partial<Past> = {}): Past => ({
  name: 'shop',
  source: { index: 'shop-v1', version: 1 },
  route: 'client',
  hasTransform: true,
  throttle: { auto: true, maxDocsPerSecond: null, maxSlowdown: 1.3, paused: false },
  copyPace: { documents: 50_000, bytes: 25_000_000, ms: 10_000, verifyMs: 5_000 },
  startedAt: '2026-01-01T00:00:00Z',
  ...more,
});

test('twice as many documents of the same size take twice as long', () => {
  expect(fromHistory(plan, [past()])).toEqual({
    of: 'shop-v1',
    docsPerSecond: 5_000,
    copyMs: 20_000,
    verifyMs: 10_000,
  });
});

test('half of the work for a document depends on its size', () => {
  const copyPace = { documents: 100_000, bytes: 25_000_000, ms: 10_000, verifyMs: null };
  expect(fromHistory(plan, [past({ copyPace })])).toMatchObject({ copyMs: 15_000 });
});

test('the last migration of the same name comes before one with more similar documents', () => {
  const other = past({ name: 'other', source: { index: 'other-v1', version: 1 } });
  expect(fromHistory(plan, [other, past()])?.of).toBe('shop-v1');
  expect(fromHistory(plan, [other])?.of).toBe('other-v1');
});

test.each([
  ['another route', past({ route: 'server' })],
  ['a copy without a transform', past({ hasTransform: false })],
  [
    'much smaller documents of another index',
    past({ name: 'x', copyPace: { documents: 100_000, bytes: 5_000_000, ms: 5_000, verifyMs: null } }),
  ],
])('%s tells nothing', (_, one) => {
  expect(fromHistory(plan, [one])).toBeUndefined();
});

test('a copy that was short, limited, or never measured tells nothing', () => {
  expect(isUsable(past())).toBe(true);
  expect(isUsable(past({ throttle: { ...past().throttle, maxDocsPerSecond: 100 } }))).toBe(false);
  expect(isUsable({ ...past(), copyPace: null })).toBe(false);
  expect(isUsable(past({ copyPace: { documents: 100, bytes: 1, ms: 5_000, verifyMs: null } }))).toBe(false);
  expect(isUsable(past({ copyPace: { documents: 9_000, bytes: 1, ms: 90, verifyMs: null } }))).toBe(false);
});
