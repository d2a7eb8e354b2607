import { describe, expect, it } from 'vitest';
import { fieldNames, lostFields } from './fieldsOf.js';

const before = fieldNames({
  properties: {
    title: { type: 'text', fields: { raw: { type: 'keyword' } } },
    maker: { properties: { name: { type: 'keyword' } } },
    price: { type: 'double' },
  },
  runtime: { day: { type: 'keyword' } },
});
const after = fieldNames({ properties: { name: { type: 'text' }, price: { type: 'double' } } });
const lost = (body: object | undefined, query = '') =>
  lostFields({ body: body && JSON.stringify(body), query }, before, after).sort();

describe('fieldNames', () => {
  it('has objects, subfields and runtime fields', () => {
    expect([...before].sort()).toEqual(['day', 'maker', 'maker.name', 'price', 'title', 'title.raw']);
  });
});

describe('lostFields', () => {
  it.each([
    [{ query: { match: { title: 'cup' } } }, ['title']],
    [{ query: { bool: { filter: [{ term: { 'maker.name': 'x' } }] } } }, ['maker.name']],
    [{ query: { multi_match: { query: 'cup', fields: ['title^3', 'price'] } } }, ['title']],
    [{ query: { query_string: { query: 'title:cup AND price:[1 TO 2]' } } }, ['title']],
    [{ query: { exists: { field: 'day' } } }, ['day']],
    [{ aggs: { t: { terms: { field: 'title.raw' } } } }, ['title.raw']],
    [{ sort: ['_score', { 'title.raw': 'asc' }] }, ['title.raw']],
    [{ sort: 'title.raw' }, ['title.raw']],
    [{ query: { match: { price: 'title' } } }, []],
    [{ query: { match_all: {} }, _source: ['title'] }, []],
    [undefined, []],
  ])('%j uses %j', (body, expected) => {
    expect(lost(body)).toEqual(expected);
  });
  it('reads the query string', () => {
    expect(lost(undefined, 'q=title:cup&sort=title.raw:desc')).toEqual(['title', 'title.raw']);
  });
});
