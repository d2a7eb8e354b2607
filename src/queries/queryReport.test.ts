import { expect, it } from 'vitest';
import type { QueryReport, QueryResult } from './replayQueries.js';
import { renderReport, worstLines } from './queryReport.js';

const result = (change: Partial<QueryResult>): QueryResult => ({
  query: { method: 'POST', path: '/shop-read/_search', body: '{"query":{"match":{"title":"cup"}}}' },
  error: undefined,
  overlapAt10: 1,
  rankBiasedOverlap: 1,
  totalBefore: 2,
  totalAfter: 2,
  aggregationsDiffer: [],
  undecided: undefined,
  onlyBefore: [],
  onlyAfter: [],
  before: [{ id: 'a', score: 1.5 }],
  after: [{ id: 'a', score: 1.25 }],
  msBefore: 1,
  msAfter: 1,
  ...change,
});

const ms = { p50: 1, p95: 10, p99: 20 };
const report: QueryReport = {
  requests: 4,
  errors: 1,
  overlapAt10: 0.75,
  rankBiasedOverlap: 0.8,
  totalsDiffer: 1,
  aggregationsDiffer: 1,
  undecided: 1,
  msBefore: ms,
  msAfter: { ...ms, p95: 20 },
  results: [
    result({ error: 'no analyzer', overlapAt10: 0, rankBiasedOverlap: 1, after: [] }),
    result({
      overlapAt10: 0.5,
      totalAfter: 1,
      aggregationsDiffer: ['aggregations.by.0'],
      onlyBefore: ['x', 'y', 'z', 'w'],
    }),
    result({ rankBiasedOverlap: 0.899, msAfter: 9 }),
    result({}),
  ],
};

it('shows the figures, and the searches that differ side by side', () => {
  const text = renderReport(report, { before: 'shop-v1', after: 'shop-v2', shown: 1 });
  expect(text).toContain('fail          1 only on shop-v2');
  expect(text).toContain('(p95 2.00 times)');
  expect(text).toMatch(/fails on shop-v2: no analyzer\n {6}shop-v1 +shop-v2\n {3}1 {2}a 1\.500\n/);
  expect(text).toContain('2 more differ');
});

it('names the worst searches of each threshold', () => {
  const title = '_search {"query":{"match":{"title":"cup"}}}';
  const lines = worstLines(report, { before: 'shop-v1', after: 'shop-v2' });
  expect(lines).toEqual({
    queryErrors: [`${title}: fails on shop-v2: no analyzer`],
    overlapAt10: [
      `${title}: fails on shop-v2: no analyzer`,
      `${title}: overlap@10 0.50; 2 hits before, 1 after; differs in aggregations.by.0; only shop-v1 has x, y, z, ...`,
    ],
    rankBiasedOverlap: [`${title}: another order, rank-biased overlap 0.89`],
    totalsDiffer: [
      `${title}: overlap@10 0.50; 2 hits before, 1 after; differs in aggregations.by.0; only shop-v1 has x, y, z, ...`,
    ],
    aggregationsDiffer: [
      `${title}: overlap@10 0.50; 2 hits before, 1 after; differs in aggregations.by.0; only shop-v1 has x, y, z, ...`,
    ],
    latencyP95Ratio: [`${title}: 1 ms on shop-v1, 9 ms on shop-v2`],
  });
});

it('shows the totals that differ most, and never rounds up to 1.00', () => {
  const results = [
    result({ totalBefore: 10_000, totalAfter: 9_000 }),
    result({ totalBefore: 10, totalAfter: 0, overlapAt10: 0.9999, undecided: 'more than 10000 hits' }),
  ];
  const text = renderReport(
    { ...report, results, overlapAt10: 0.99995, rankBiasedOverlap: 1 },
    { before: 'shop-v1', after: 'shop-v2', shown: 0 },
  );
  expect(text).toContain('overlap@10    0.99, rank-biased 1.00');
  expect(text).toContain("1 can't be decided: their unknown hits count as not in common");
  const after = text.slice(text.indexOf('totals that differ most:')).split('\n');
  expect(after[1]).toContain('10 hits before, 0 after');
  expect(after[1]).toContain("it can't be decided which hits are among the first 10");
  expect(after[2]).toContain('10000 hits before, 9000 after');
});

it('says how many searches find nothing at all', () => {
  const nothing = result({ before: [], after: [], totalBefore: 0, totalAfter: 0 });
  const failed = result({ error: 'no analyzer', before: [], after: [], totalBefore: 0, totalAfter: 0 });
  const names = { before: 'shop-v1', after: 'shop-v2', shown: 0 };
  const text = renderReport({ ...report, results: [nothing, nothing, failed, result({})] }, names);
  expect(text).toContain('2 find nothing on either index, and are left out of these averages');
  expect(renderReport(report, names)).not.toContain('find nothing');
});
