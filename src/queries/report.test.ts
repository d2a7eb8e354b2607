import { expect, it } from 'vitest';
import type { QueryReport, QueryResult } from './replay.js';
import { firstLines, renderReport } from './report.js';

const result = (change: Partial<QueryResult>): QueryResult => ({
  query: { method: 'POST', path: '/shop-read/_search', body: '{"query":{"match":{"title":"cup"}}}' },
  error: undefined,
  overlapAt10: 1,
  rankBiasedOverlap: 1,
  totalBefore: 2,
  totalAfter: 2,
  aggregationsDiffer: [],
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
  msBefore: ms,
  msAfter: { ...ms, p95: 20 },
  results: [
    result({ error: 'no analyzer', overlapAt10: 0, after: [] }),
    result({ overlapAt10: 0.5, totalAfter: 1, aggregationsDiffer: ['aggregations.by.0'] }),
    result({ rankBiasedOverlap: 0.9 }),
    result({}),
  ],
};

it('shows the figures, and the searches that differ side by side', () => {
  const text = renderReport(report, { before: 'shop-v1', after: 'shop-v2', shown: 1 });
  expect(text).toContain("fail          1 on shop-v2 that don't on shop-v1");
  expect(text).toContain('(p95 2.00 times)');
  expect(text).toMatch(/fails on shop-v2: no analyzer\n {6}shop-v1 +shop-v2\n {3}1 {2}a 1\.500\n/);
  expect(text).toContain('2 more differ');
});

it('says of each search that differs in what', () => {
  const title = '_search {"query":{"match":{"title":"cup"}}}';
  expect(firstLines(report, 'shop-v2')).toEqual([
    `${title}: fails on shop-v2: no analyzer`,
    `${title}: overlap@10 0.50; 2 hits before, 1 after; differs in aggregations.by.0`,
    `${title}: another order, rank-biased overlap 0.90`,
  ]);
});
