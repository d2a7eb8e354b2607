import { describe, expect, it } from 'vitest';
import { testRecord } from '../../tests/testRecord.js';
import type { MigrationRecord } from '../protocol/record.js';
import { brokenThresholds } from './thresholds.js';

const ms = (p95: number) => ({ p50: 1, p95, p99: 2 * p95 });
const queries: NonNullable<MigrationRecord['queries']> = {
  at: '2026-01-01T00:00:00Z',
  requests: 10,
  errors: 1,
  overlapAt10: 0.8,
  rankBiasedOverlap: 0.7,
  totalsDiffer: 3,
  aggregationsDiffer: 0,
  msBefore: ms(10),
  msAfter: ms(20),
  undecided: 0,
  worst: {
    queryErrors: ['_search a: fails on catalogue-v2: no analyzer', '_search b: fails on catalogue-v2'],
    overlapAt10: ['_search c: overlap@10 0.10'],
  },
};
const broken = (change: Partial<MigrationRecord>) =>
  brokenThresholds(testRecord({ queries, ...change })).map(({ threshold }) => threshold);

describe('brokenThresholds', () => {
  it('is empty without thresholds', () => {
    expect(broken({ acceptance: {} })).toEqual([]);
  });
  it('names every bound that is not kept', () => {
    const acceptance = {
      differences: 0,
      queryErrors: 0,
      overlapAt10: 0.9,
      rankBiasedOverlap: 0.7,
      totalsDiffer: 3,
      aggregationsDiffer: 0,
      latencyP95Ratio: 1.5,
    };
    expect(broken({ acceptance })).toEqual(['queryErrors', 'overlapAt10', 'latencyP95Ratio']);
    expect(broken({ acceptance, forced: ['queryErrors', 'latencyP95Ratio'] })).toEqual(['overlapAt10']);
  });
  it('shows for each threshold its value, its limit and the search that is worst for it', () => {
    const acceptance = { queryErrors: 0, overlapAt10: 0.9, latencyP95Ratio: 1.5 };
    expect(brokenThresholds(testRecord({ queries, acceptance })).map(({ text }) => text)).toEqual([
      'queryErrors is 1, above 0. Worst: _search a: fails on catalogue-v2: no analyzer',
      'overlapAt10 is 0.8, below 0.9. Worst: _search c: overlap@10 0.10',
      'latencyP95Ratio is 2, above 1.5',
    ]);
  });
  it('never shows a value as if it were the limit', () => {
    const close = { ...queries, overlapAt10: 0.99996 };
    const [one] = brokenThresholds(testRecord({ queries: close, acceptance: { overlapAt10: 1 } }));
    expect(one?.text).toContain('overlapAt10 is 0.999, below 1');
  });
  it('keeps a share that is only missed by rounding', () => {
    const mean = Array.from({ length: 10 }, () => 0.1).reduce((sum, value) => sum + value, 0) / 10;
    expect(mean).toBeLessThan(0.1);
    expect(broken({ queries: { ...queries, overlapAt10: mean }, acceptance: { overlapAt10: 0.1 } })).toEqual(
      [],
    );
  });
  it('breaks a threshold when there is nothing to compare', () => {
    expect(broken({ queries: null, acceptance: { overlapAt10: 0.9 } })).toEqual(['overlapAt10']);
  });
  it('does not treat 2 ms instead of 1 ms as twice as slow', () => {
    const quick = { ...queries, msBefore: ms(1), msAfter: ms(2) };
    expect(broken({ queries: quick, acceptance: { latencyP95Ratio: 1.2 } })).toEqual([]);
  });
});
