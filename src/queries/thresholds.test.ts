import { describe, expect, it } from 'vitest';
import { testRecord } from '../../tests/testRecord.js';
import type { MigrationRecord } from '../journal/record.js';
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
  first: ['_search {"query":…}: fails on catalogue-v2: no analyzer'],
};
const broken = (change: Partial<MigrationRecord>) =>
  brokenThresholds(testRecord({ queries, ...change })).map(({ threshold }) => threshold);

describe('brokenThresholds', () => {
  it('has nothing to say where nothing is asked for', () => {
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
  it('shows the first search that fails', () => {
    const [one] = brokenThresholds(testRecord({ queries, acceptance: { queryErrors: 0 } }));
    expect(one?.text).toBe(`queryErrors is 1, above 0 (${queries.first[0]})`);
  });
  it('is not kept where there is nothing to compare', () => {
    expect(broken({ queries: null, acceptance: { overlapAt10: 0.9 } })).toEqual(['overlapAt10']);
  });
  it('does not take 1 ms against 2 for twice as slow', () => {
    const quick = { ...queries, msBefore: ms(1), msAfter: ms(2) };
    expect(broken({ queries: quick, acceptance: { latencyP95Ratio: 1.2 } })).toEqual([]);
  });
});
