import { expect, it } from 'vitest';
import { throughAlias } from './throughAlias.js';

const filter = { term: { active: true } };
const aliases = { 'shop-read': {}, live: { filter }, berlin: { search_routing: 'b', index_routing: 'b' } };
const search = (path: string, body?: object) => ({
  method: 'POST' as const,
  path,
  body: body && JSON.stringify(body),
});
const sent = (path: string, body?: object) => {
  const found = throughAlias(search(path, body), aliases);
  return [found.path, found.body === undefined ? undefined : JSON.parse(found.body)];
};

it.each(['/shop-read/_search?size=5', '/elsewhere/_search', '/toString/_search'])(
  'leaves %s as it is',
  (path) => {
    const query = search(path, { query: { match: { title: 'cup' } } });
    expect(throughAlias(query, aliases)).toBe(query);
  },
);

it('adds the filter to the query, without a change of its scores', () => {
  const query = { match: { title: 'cup' } };
  expect(sent('/live/_search?size=5', { query, size: 3 })).toEqual([
    '/live/_search?size=5',
    { size: 3, query: { bool: { must: [query], filter: [filter] } } },
  ]);
});

it('filters a search without a body, and one in the URL', () => {
  expect(sent('live/_search')).toEqual([
    '/live/_search',
    { query: { bool: { must: [{ match_all: {} }], filter: [filter] } } },
  ]);
  expect(sent('/live/_count?q=cup&df=title&default_operator=AND')).toEqual([
    '/live/_count',
    {
      query: {
        bool: {
          must: [{ query_string: { query: 'cup', default_field: 'title', default_operator: 'AND' } }],
          filter: [filter],
        },
      },
    },
  ]);
});

it('filters searches for neighbours, too', () => {
  const knn = { field: 'v', query_vector: [1], k: 1, filter: { term: { n: 1 } } };
  expect(sent('/live/_search', { knn })[1]).toEqual({
    knn: { ...knn, filter: [{ term: { n: 1 } }, filter] },
  });
});

it('keeps every digit', () => {
  const body = '{"query":{"term":{"n":9007199254740993}},"min_score":1.0}';
  const found = throughAlias({ method: 'POST', path: '/live/_search', body }, aliases).body;
  expect(found).toContain('9007199254740993');
  expect(found).toContain('"min_score":1.0');
});

it('adds the routing of the alias where the search has none', () => {
  expect(sent('/berlin/_search')).toEqual(['/berlin/_search?routing=b', undefined]);
  expect(sent('/berlin/_search?routing=c')).toEqual(['/berlin/_search?routing=c', undefined]);
});
