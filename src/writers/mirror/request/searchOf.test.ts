import { describe, expect, it } from 'vitest';
import { searchOf, searchPath } from './searchOf.js';

describe('a search of one name', () => {
  it.each([
    ['GET', '/shop-read/_search', 'shop-read _search '],
    ['POST', '/shop-read/_search?size=5&q=a:b', 'shop-read _search size=5&q=a:b'],
    ['POST', '/shop-read/_search/?size=5', 'shop-read _search size=5'],
    ['POST', '/shop-read/_count', 'shop-read _count '],
    ['GET', '/shop%2Dread/_msearch?typed_keys', 'shop-read _msearch typed_keys'],
  ])('%s %s', (method, target, expected) => {
    const found = searchOf(method, target);
    expect(found && `${found.name} ${found.api} ${found.query}`).toBe(expected);
  });

  it.each([
    ['PUT', '/shop-read/_search'],
    ['HEAD', '/shop-read/_search'],
    ['GET', '/_search'],
    ['POST', '/_all/_search'],
    ['POST', '/_search/scroll'],
    ['POST', '/shop-read/_search?scroll=1m'],
    ['POST', '/shop-read/_search?size=5&scroll=1m'],
    ['POST', '/shop-read/_search/template'],
    ['POST', '/shop-read/_search/point_in_time?keep_alive=1m'],
    ['POST', '/shop-read/_async_search'],
    ['POST', '/shop-read/_pit'],
    ['GET', '/shop-read/_doc/_search'],
    ['POST', '/shop-read/_searching'],
    ['POST', '/shop-read/_search?a=%'],
    ['GET', '/%/_search'],
  ])('is not %s %s', (method, target) => {
    expect(searchOf(method, target)).toBeUndefined();
  });

  it('keeps its query when it is sent to another index', () => {
    expect(searchPath({ api: '_search', query: 'size=5' }, 'shop-v2')).toBe('/shop-v2/_search?size=5');
    expect(searchPath({ api: '_count', query: '' }, 'shop/v2')).toBe('/shop%2Fv2/_count');
  });
});
