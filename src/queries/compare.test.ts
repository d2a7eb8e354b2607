import { describe, expect, it } from 'vitest';
import { compareAnswers, compareShown, rankingOfAnswer, readAnswer } from './compare.js';
import { pageOf } from './recordedQuery.js';

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

describe('compareShown', () => {
  it('finds nothing between equal answers', () => {
    expect(compareShown(found(['a', 'b']), found(['a', 'b']))).toMatchObject({
      error: undefined,
      overlapAt10: 1,
      rankBiasedOverlap: 1,
      totalBefore: 2,
      totalAfter: 2,
      aggregationsDiffer: [],
    });
  });

  it('cannot compare hits without ids', () => {
    const nameless = (score: number) =>
      answer({
        hits: { total: { value: 1, relation: 'eq' }, hits: [{ _index: 'i', _score: score }] },
      });
    const { overlapAt10, rankBiasedOverlap, undecided } = compareShown(nameless(1), nameless(1));
    expect({ overlapAt10, rankBiasedOverlap }).toEqual({ overlapAt10: 0, rankBiasedOverlap: 0 });
    expect(undecided).toBeDefined();
  });

  it('says why the new index fails, by the innermost reason', () => {
    const { error, overlapAt10 } = compareShown(found(['a']), refused);
    expect(error).toBe('query_shard_exception: [match] analyzer [old] not found');
    expect(overlapAt10).toBe(0);
  });

  it('does not count a search that fails on the old index too', () => {
    expect(compareShown(refused, refused)).toMatchObject({ error: undefined, overlapAt10: 1 });
  });

  it('treats failed shards, a timeout and a response that is not JSON as failures', () => {
    const failures = [{ reason: { type: 'illegal_argument_exception', reason: 'no fielddata' } }];
    expect(compareShown(found([]), found([], { _shards: { failed: 1, failures } })).error).toBe(
      'illegal_argument_exception: no fielddata',
    );
    expect(compareShown(found([]), found([], { timed_out: true })).error).toBe('it timed out');
    expect(compareShown(found([]), Buffer.from('<html>')).error).toBe('the answer is not a JSON object');
  });

  it('says which values of aggregations differ, and ignores what is approximate or the last digit', () => {
    const aggregations = (count: number, sum: number) => ({
      aggregations: {
        by: { doc_count_error_upper_bound: count, buckets: [{ key: 'x', doc_count: count }] },
        sum: { value: sum },
      },
    });
    const { aggregationsDiffer } = compareShown(
      found([], aggregations(3, 0.1 + 0.2)),
      found([], aggregations(4, 0.3)),
    );
    expect(aggregationsDiffer).toEqual(['aggregations.by.buckets.0.doc_count']);
  });

  it('counts for _count', () => {
    expect(compareShown(answer({ count: 3 }), answer({ count: 4 }))).toMatchObject({
      totalBefore: 3,
      totalAfter: 4,
      error: undefined,
    });
  });
});

describe('compareAnswers', () => {
  const ask = (body: object, path = '/x/_search') =>
    pageOf({ method: 'POST', path, body: JSON.stringify(body) });
  type HitOf = Record<string, unknown>;
  const ranked = (hits: readonly HitOf[], total: number | object, page: ReturnType<typeof pageOf>) => {
    const read = readAnswer(answer({ hits: { total, hits } }));
    return { answer: read, ranking: rankingOfAnswer(read, page, page) };
  };
  const tied = (ids: string): HitOf[] => ids.split('').map((_id) => ({ _id, _score: 1 }));

  it('reports that a page may end within a tie, and the hits that only one side shows', () => {
    const page = ask({ size: 2 });
    const many = { value: 5, relation: 'eq' };
    const compared = compareAnswers(ranked(tied('ab'), many, page), ranked(tied('ac'), many, page));
    expect(compared).toMatchObject({ overlapAt10: 0, onlyBefore: [], onlyAfter: [] });
    expect(compared.undecided).toBe('not all hits with the same sort value could be read');
  });
  it.each<[string, object, number, boolean]>([
    ['fewer hits than asked for', { size: 3 }, 2, true],
    ['as many hits as there are', { size: 2 }, 2, true],
    ['a full page of many', { size: 2 }, 9, false],
    ['groups, of which nobody knows how many there are', { size: 2, collapse: { field: 'x' } }, 2, false],
    ['a page behind another', { size: 3, from: 1 }, 3, false],
    ['no hits', { size: 0 }, 9, true],
  ])('knows whether all hits of a tie are there: %s', (_, body, total, decided) => {
    const page = ask(body);
    const hits = page.size === 0 ? [] : tied('ab');
    const one = ranked(hits, { value: total, relation: 'eq' }, page);
    expect(compareAnswers(one, one).undecided === undefined).toBe(decided);
  });
  it('does not mistake neighbouring long sort values for a tie', () => {
    const hit = (id: string, n: string) => `{"_id":"${id}","_score":null,"sort":[${n}]}`;
    const text = (...hits: string[]) =>
      Buffer.from(`{"hits":{"total":{"value":2,"relation":"eq"},"hits":[${hits.join(',')}]}}`);
    const [a, b] = ['9007199254740993', '9007199254740992'];
    expect(
      compareShown(text(hit('a', a), hit('b', b)), text(hit('b', a), hit('a', b))).rankBiasedOverlap,
    ).toBeLessThan(1);
  });
  it('gives the order of documents within an index no meaning', () => {
    const page = ask({ sort: [{ price: 'asc' }, '_doc'] });
    const hit = (_id: string, price: number, doc: number): HitOf => ({
      _id,
      _score: null,
      sort: [price, doc],
    });
    const one = ranked([hit('a', 1, 0), hit('b', 1, 1)], 2, page);
    const other = ranked([hit('b', 1, 0), hit('a', 1, 1)], 2, page);
    expect(compareAnswers(one, other)).toMatchObject({ overlapAt10: 1, rankBiasedOverlap: 1 });
  });
  it('distinguishes documents with the same id and different routings', () => {
    const page = ask({});
    const one = ranked([{ _id: 'a', _routing: 'x', _score: 1 }], 1, page);
    const other = ranked([{ _id: 'a', _routing: 'y', _score: 1 }], 1, page);
    expect(compareAnswers(one, other)).toMatchObject({ overlapAt10: 0, onlyBefore: ['a (routing x)'] });
  });
  it('takes the page from the query string before the body', () => {
    expect(ask({ size: 3, from: 1 }, '/x/_search?size=5&sort=price:desc,_doc')).toMatchObject({
      from: 1,
      size: 5,
      unordered: new Set([1]),
    });
  });
});
