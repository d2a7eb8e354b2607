import { describe, expect, it } from 'vitest';
import { compareAnswers } from './compare.js';

const answer = (value: object): Buffer => Buffer.from(JSON.stringify(value));
const found = (ids: readonly string[], more: object = {}) =>
  answer({
    _shards: { total: 1, failed: 0 },
    hits: {
      total: { value: ids.length, relation: 'eq' },
      hits: ids.map((_id, n) => ({ _index: 'i', _id, _score: 10 - n })),
    },
    ...more,
  });
const refused = answer({
  status: 400,
  error: {
    type: 'search_phase_execution_exception',
    reason: 'all shards failed',
    root_cause: [{ type: 'query_shard_exception', reason: '[match] analyzer [old] not found' }],
  },
});

describe('compareAnswers', () => {
  it('finds nothing between equal answers', () => {
    expect(compareAnswers(found(['a', 'b']), found(['a', 'b']))).toMatchObject({
      error: undefined,
      overlapAt10: 1,
      rankBiasedOverlap: 1,
      totalBefore: 2,
      totalAfter: 2,
      aggregationsDiffer: [],
    });
  });

  it('says why the new index fails, by the innermost reason', () => {
    const { error, overlapAt10 } = compareAnswers(found(['a']), refused);
    expect(error).toBe('query_shard_exception: [match] analyzer [old] not found');
    expect(overlapAt10).toBe(0);
  });

  it('does not count a search that fails on the old index too', () => {
    expect(compareAnswers(refused, refused)).toMatchObject({ error: undefined, overlapAt10: 1 });
  });

  it('takes failed shards, a time-out and an answer that is no JSON for a failure', () => {
    const failures = [{ reason: { type: 'illegal_argument_exception', reason: 'no fielddata' } }];
    expect(compareAnswers(found([]), found([], { _shards: { failed: 1, failures } })).error).toBe(
      'illegal_argument_exception: no fielddata',
    );
    expect(compareAnswers(found([]), found([], { timed_out: true })).error).toBe('it timed out');
    expect(compareAnswers(found([]), Buffer.from('<html>')).error).toBe('the answer is no JSON object');
  });

  it('says which values of aggregations differ, and ignores what is approximate or the last digit', () => {
    const aggregations = (count: number, sum: number) => ({
      aggregations: {
        by: { doc_count_error_upper_bound: count, buckets: [{ key: 'x', doc_count: count }] },
        sum: { value: sum },
      },
    });
    const { aggregationsDiffer } = compareAnswers(
      found([], aggregations(3, 0.1 + 0.2)),
      found([], aggregations(4, 0.3)),
    );
    expect(aggregationsDiffer).toEqual(['aggregations.by.buckets.0.doc_count']);
  });

  it('counts for _count', () => {
    expect(compareAnswers(answer({ count: 3 }), answer({ count: 4 }))).toMatchObject({
      totalBefore: 3,
      totalAfter: 4,
      error: undefined,
    });
  });
});
