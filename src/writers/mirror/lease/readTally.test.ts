import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../queries/compare.js';
import { ReadTally } from './readTally.js';

const SAME: Comparison = {
  error: undefined,
  overlapAt10: 1,
  rankBiasedOverlap: 1,
  totalBefore: 3,
  totalAfter: 3,
  aggregationsDiffer: [],
  undecided: undefined,
  onlyBefore: [],
  onlyAfter: [],
  before: [],
  after: [],
};

function compared(body: string, comparison: Partial<Comparison> = {}) {
  return {
    path: '/shop-read/_search',
    body,
    sourceMs: 1,
    targetMs: 2,
    comparison: { ...SAME, ...comparison },
  };
}

describe('the counts of searches', () => {
  it('are empty before a search was compared', () => {
    expect(new ReadTally().view()).toEqual({ recorded: 0, canary: 0, shadow: null });
  });

  it('add up', () => {
    const tally = new ReadTally();
    tally.countRecorded(2);
    tally.countCanary();
    tally.countSkipped();
    tally.add(compared('a'));
    tally.add(compared('b', { overlapAt10: 0.5, totalAfter: 4, aggregationsDiffer: ['aggregations.x'] }));
    tally.add(compared('c', { error: 'no such field', overlapAt10: 0 }));
    expect(tally.view()).toMatchObject({
      recorded: 2,
      canary: 1,
      shadow: { compared: 2, errors: 1, skipped: 1, overlapSum: 1.5, totalsDiffer: 1, aggregationsDiffer: 1 },
    });
  });

  it('keep the five worst searches, each once, and cut short', () => {
    const tally = new ReadTally();
    for (let n = 0; n < 9; n++) tally.add(compared(`q${n}`, { overlapAt10: n / 10 }));
    for (let n = 0; n < 9; n++) tally.add(compared('q1', { overlapAt10: 0.1 }));
    tally.countError(compared('x'.repeat(600)), 'it is closed');
    const worst = tally.view().shadow?.worst ?? [];
    expect(worst.map(({ overlapAt10 }) => overlapAt10)).toEqual([0, 0, 0.1, 0.2, 0.3]);
    expect(worst[0]).toMatchObject({ error: 'it is closed', body: 'x'.repeat(500) });
  });
});
